import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { until } from "#test/fixtures/until.ts";
import { createDoor, type Door, type DoorConfig } from "./door.ts";
import { createServer } from "./server.ts";

describe("the door", () => {
  let folder: string;
  let app: ReturnType<typeof createServer>;
  let door: Door;
  let listen: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-door-"));
    app = createServer();
    app.get("/", async () => "here");
    app.get("/slow", async () => new Promise((resolve) => setTimeout(() => resolve("late"), 300)));
    door = createDoor({ log });
    listen = `127.0.0.1:${await freePort()}`;
  });
  afterEach(async () => {
    await door.close();
    await app.close();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string) => join(folder, name);
  const certify = (name: string) => {
    const made = ["-keyout", file(`${name}.key`), "-out", file(`${name}.pem`), "-subj", `/CN=${name}`];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", ...made],
      {
        stdio: "ignore",
      },
    );
    return { cert: file(`${name}.pem`), key: file(`${name}.key`) };
  };
  const ask = async (at: string, path = "/") => (await fetch(`http://${at}${path}`)).text();
  const nameAt = (at: string) =>
    new Promise<unknown>((resolve, reject) => {
      const request = get(`https://${at}/`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve((response.socket as TLSSocket).getPeerCertificate().subject.CN); // https: a TLS socket
      });
      request.on("error", reject);
    });
  const use = async (config: DoorConfig) => (await door.prepare(config)).keep();

  it("opens another address before the old one ends, and lets what is under way there end", async () => {
    await door.open(app, { listen });
    const slow = ask(listen, "/slow");
    await ask(listen);
    const next = `127.0.0.1:${await freePort()}`;
    const change = await door.prepare({ listen: next });
    expect([await ask(listen), await ask(next)]).toEqual(["here", "here"]);
    await change.keep();
    expect(await slow).toBe("late");
    expect(await ask(next)).toBe("here");
    await expect(ask(listen)).rejects.toThrow();
  });

  it("leaves all as it was when a change is given up, or cannot be made", async () => {
    await door.open(app, { listen });
    const next = `127.0.0.1:${await freePort()}`;
    await (await door.prepare({ listen: next })).giveUp();
    await expect(ask(next)).rejects.toThrow();
    await expect(door.prepare({ listen: "192.0.2.1:80" })).rejects.toThrow(
      "192.0.2.1:80: this address cannot be listened on",
    );
    await expect(door.prepare({ listen, tls: { cert: file("none"), key: file("none") } })).rejects.toThrow(
      "correct [http] tls",
    );
    const [a, b] = [certify("a"), certify("b")];
    await expect(door.prepare({ listen, tls: { cert: a.cert, key: b.key } })).rejects.toThrow(
      `cannot be used with the key ${b.key}`,
    );
    expect(await ask(listen)).toBe("here");
  });

  it("becomes HTTPS and HTTP again on the same address", async () => {
    await door.open(app, { listen });
    await use({ listen, tls: certify("secure") });
    expect(await nameAt(listen)).toBe("secure");
    await use({ listen, tls: certify("other") });
    expect(await nameAt(listen)).toBe("other");
    await use({ listen });
    expect(await ask(listen)).toBe("here");
  });

  it("shows a renewed certificate to new connections, and keeps the old one while the new one cannot be used", async () => {
    const [first, second] = [certify("first"), certify("second")];
    await door.open(app, { listen, tls: first });
    expect(await nameAt(listen)).toBe("first");
    await new Promise((resolve) => setTimeout(resolve, 300)); // the watch of the files takes a moment to stand
    writeFileSync(first.cert, "half written");
    await until(() => door.health().status === "degraded", 8000);
    expect(door.health().detail).toContain(first.cert);
    expect(await nameAt(listen)).toBe("first");
    copyFileSync(second.cert, first.cert);
    copyFileSync(second.key, first.key);
    await until(() => door.health().status === "ok", 8000);
    expect(await nameAt(listen)).toBe("second");
  });
});
