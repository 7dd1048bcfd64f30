import { X509Certificate } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { makeCertificates } from "#test/fixtures/certificates.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { until } from "#test/fixtures/until.ts";
import { createDoor, type Door, type DoorConfig } from "./door.ts";
import { createServer } from "./server.ts";

describe("the door", () => {
  const disposals: (() => void)[] = [];
  let app: ReturnType<typeof createServer>;
  let door: Door;
  let listen: string;
  beforeEach(async () => {
    app = createServer();
    app.get("/", async () => "here");
    app.get("/slow", async () => new Promise((resolve) => setTimeout(() => resolve("late"), 300)));
    door = createDoor({ log });
    listen = `127.0.0.1:${await freePort()}`;
  });
  afterEach(async () => {
    await door.close();
    await app.close();
    for (const dispose of disposals.splice(0)) dispose();
  });

  const certify = () => {
    const made = makeCertificates();
    disposals.push(made.dispose);
    return { cert: made.files.cert, key: made.files.key };
  };
  const printOf = ({ cert }: { cert: string }) => new X509Certificate(readFileSync(cert)).fingerprint256;
  const ask = async (at: string, path = "/") => (await fetch(`http://${at}${path}`)).text();
  const printAt = (at: string) =>
    new Promise<unknown>((resolve, reject) => {
      const request = get(`https://${at}/`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve((response.socket as TLSSocket).getPeerCertificate().fingerprint256); // https: a TLS socket
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
    await expect(door.prepare({ listen, tls: { cert: "/none.pem", key: "/none.pem" } })).rejects.toThrow(
      "correct [http] tls",
    );
    const [a, b] = [certify(), certify()];
    await expect(door.prepare({ listen, tls: { cert: a.cert, key: b.key } })).rejects.toThrow(
      `cannot be used with the key ${b.key}`,
    );
    expect(await ask(listen)).toBe("here");
  });

  it("becomes HTTPS and HTTP again on the same address", async () => {
    const [first, second] = [certify(), certify()];
    await door.open(app, { listen });
    await use({ listen, tls: first });
    expect(await printAt(listen)).toBe(printOf(first));
    await use({ listen, tls: second });
    expect(await printAt(listen)).toBe(printOf(second));
    await use({ listen });
    expect(await ask(listen)).toBe("here");
  });

  it("shows a renewed certificate to new connections, and keeps the old one while the new one cannot be used", async () => {
    const [tls, renewed] = [certify(), certify()];
    const [before, after] = [printOf(tls), printOf(renewed)];
    await door.open(app, { listen, tls });
    expect(await printAt(listen)).toBe(before);
    // At once: the watch of the files takes a moment to stand.
    writeFileSync(tls.cert, "half written");
    await until(() => door.health().status === "degraded");
    expect(door.health().detail).toContain(tls.cert);
    expect(await printAt(listen)).toBe(before);
    copyFileSync(renewed.cert, tls.cert);
    copyFileSync(renewed.key, tls.key);
    await until(() => door.health().status === "ok");
    expect(await printAt(listen)).toBe(after);
  });
});
