import type { TSchema } from "typebox";
import { describe, expect, it } from "vitest";
import { checkConfig } from "#pkg/config/check.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { nodeConfig } from "../config/config.ts";
import { refuseEarlyReferences, whyNoSecret } from "../config/early-references.ts";
import { resolveConfig } from "./in-config.ts";

type Path = (string | number)[];

/** A key of the configuration that takes a text, with a configuration that says nothing but `secret://x` there. */
interface Leaf {
  path: Path;
  value: unknown;
}

interface Shape {
  type?: string;
  const?: unknown;
  anyOf?: TSchema[];
  properties?: Record<string, TSchema>;
  patternProperties?: Record<string, TSchema>;
  items?: TSchema;
}

const reference = "secret://x";

/** Every text that the schema can take; of a choice between kinds, those of each kind. */
function* leavesOf(schema: TSchema, path: Path = []): Generator<Leaf> {
  const shape = schema as Shape;
  const kinds = shape.anyOf ?? [];
  if (shape.type === "string" && shape.const === undefined) yield { path, value: reference };
  else if (kinds.length > 0 && kinds.every((kind) => "const" in kind)) yield { path, value: reference };
  for (const kind of kinds) yield* leavesOf(kind, path);
  for (const [key, property] of Object.entries(shape.properties ?? {})) {
    for (const leaf of leavesOf(property, [...path, key])) {
      yield { path: leaf.path, value: { ...constantsOf(shape), [key]: leaf.value } };
    }
  }
  for (const [, property] of Object.entries(shape.patternProperties ?? {})) {
    for (const leaf of leavesOf(property, [...path, "any"])) yield { path: leaf.path, value: { any: leaf.value } };
  }
  if (!shape.items) return;
  for (const leaf of leavesOf(shape.items, [...path, 0])) yield { path: leaf.path, value: [leaf.value] };
}

/** What tells the kinds of a choice apart. */
function constantsOf({ properties = {} }: Shape): Record<string, unknown> {
  const constants = Object.entries(properties).filter(([, property]) => "const" in property);
  return Object.fromEntries(constants.map(([key, property]) => [key, (property as Shape).const]));
}

const leaves = [...leavesOf(nodeConfig)];
const locate = (path: readonly (string | number)[]) => path.join(".");

/** What the check says of that very place; other keys may be missing. */
function faultsAt(path: Path, check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.fields.filter(({ pointer }) => pointer === `/${path.join("/")}`).map(({ detail }) => detail);
  }
}

describe("secret://name", () => {
  it("may stand wherever the configuration takes a text, or the schema says why not", () => {
    expect(leaves.length).toBeGreaterThan(60);
    const refused = new Set<string>();
    for (const { path, value } of leaves) {
      const check = () => checkConfig(nodeConfig, value, locate, { mayRefer: true });
      expect({ path, faults: faultsAt(path, check) }).toEqual({ path, faults: [] });
      const early = () => refuseEarlyReferences(nodeConfig, { value, locate } as never);
      const why = whyNoSecret(nodeConfig, path);
      if (why === undefined) expect(early).not.toThrow();
      else expect(early).toThrow(why);
      if (why !== undefined) refused.add(path.slice(0, 2).join("."));
    }
    expect([...refused].sort()).toEqual(["storage.sql", "telemetry.log_level"]);
    expect(whyNoSecret(nodeConfig, ["rules", 0, "name"])).toBe("a rule holds no secrets");
  });

  it("gives its value to each of those places", async () => {
    const kept = ["rules", "contacts", "routes"]; // resolved when a message goes out
    for (const { path, value } of leaves) {
      if (kept.includes(`${path[0]}`) || whyNoSecret(nodeConfig, path) !== undefined) continue;
      const asked: string[] = [];
      const get = async (name: string) => {
        asked.push(name);
        return "the value";
      };
      const read = { value, locate, rulesFolder: "", file: "" } as never; // only these are looked at
      await resolveConfig(read, { get }, "data").catch((error: unknown) => {
        expect(error).toBeInstanceOf(AppError); // a text that does not fit the key
      });
      expect({ path, asked }).toEqual({ path, asked: ["x"] });
    }
  });
});
