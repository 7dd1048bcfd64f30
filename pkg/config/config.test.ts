import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "typebox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnv } from "#pkg/env/env.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { loadConfig } from "./load.ts";

const strict = { additionalProperties: false, default: {} };
const schema = Type.Object(
  {
    http: Type.Object({ listen: Type.String({ description: "HOST:PORT", default: "127.0.0.1:8680" }) }, strict),
    scan: Type.Object(
      {
        allow: Type.Array(Type.String(), { default: [] }),
        accept: Type.Union([Type.Literal("known"), Type.Literal("all")], { default: "known" }),
        ranges: Type.Array(Type.Object({ cidr: Type.String(), retries: Type.Integer({ default: 1 }) }, strict), {
          default: [],
        }),
      },
      strict,
    ),
  },
  strict,
);

describe("configuration", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (text: string, environment: Record<string, string> = {}, dotEnv = "") => {
    const file = join(folder, "detectviz.conf");
    writeFileSync(file, text);
    writeFileSync(join(folder, ".env"), dotEnv);
    return loadConfig(schema, file, readEnv(environment, join(folder, ".env")));
  };
  const refusal = (text: string, environment: Record<string, string> = {}) => {
    try {
      load(text, environment);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error("was not refused");
  };

  it("fills defaults and keeps what is given", () => {
    const { value } = load('[[scan.ranges]]\ncidr = "10.0.0.0/24"\n');
    expect(value).toEqual({
      http: { listen: "127.0.0.1:8680" },
      scan: { allow: [], accept: "known", ranges: [{ cidr: "10.0.0.0/24", retries: 1 }] },
    });
  });

  it("names file, line and the key that was meant", () => {
    const error = refusal('[http]\nlisten = "127.0.0.1:1"\n\n[scan]\n  alow = []\n');
    expect(error.at).toBe(`${folder}/detectviz.conf:5`);
    expect(error.message).toContain('unknown key "scan.alow"');
    expect(error.mend).toBe('did you mean "allow"?');
  });

  it("names the line inside the right element of an array of tables", () => {
    const error = refusal('[[scan.ranges]]\ncidr = "a"\n[[scan.ranges]]\ncidr = "b"\nretries = "2"\n');
    expect(error.at).toMatch(/:5$/);
    expect(error.detail).toBe('"scan.ranges.1.retries" must be integer');
  });

  it("does not turn one type into another", () => {
    expect(refusal("[http]\nlisten = 80\n").detail).toBe('"http.listen" must be string');
  });

  it("lists the choices of an enumeration once", () => {
    const error = refusal('[scan]\naccept = "some"\n');
    expect(error.detail).toBe('"scan.accept" must be one of "known", "all"');
    expect(error.fields).toHaveLength(1);
  });

  it("names the line of malformed TOML", () => {
    expect(refusal("[http]\nlisten = \n").at).toMatch(/detectviz.conf:2$/);
  });

  it("lays the environment over .env over the file, as TOML where it is one", () => {
    const { value, locate } = load(
      '[scan]\nallow = ["a"]\n',
      { DETECTVIZ__SCAN__ALLOW: '["10.1.0.0/16"]' },
      "DETECTVIZ__SCAN__ALLOW='[\"b\"]'\nDETECTVIZ__HTTP__LISTEN=0.0.0.0:1\n",
    );
    expect(value.scan.allow).toEqual(["10.1.0.0/16"]);
    expect(value.http.listen).toBe("0.0.0.0:1");
    expect(locate(["scan", "allow"])).toBe("environment variable DETECTVIZ__SCAN__ALLOW");
  });

  it("names the variable that is wrong", () => {
    expect(refusal("", { DETECTVIZ__SCAN__ACCEPT: "3" }).at).toBe("environment variable DETECTVIZ__SCAN__ACCEPT");
  });
});
