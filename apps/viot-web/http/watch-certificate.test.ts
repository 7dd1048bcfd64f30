import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { until } from "#test/fixtures/until.ts";
import { type CertificateWatch, watchCertificate } from "./watch-certificate.ts";

let folder: string;
let watch: CertificateWatch;
let given: string[];
const write = (cert: string) => writeFileSync(join(folder, "cert.pem"), cert);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-tls-"));
  given = [];
  write("first");
  writeFileSync(join(folder, "key.pem"), "key");
});
afterEach(async () => {
  await watch.close();
  rmSync(folder, { recursive: true });
});

/** Follows the files after they were read; one that says "broken" cannot be used. */
function start(): void {
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const read = () => {
    const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    if (pair.cert.equals(Buffer.from("broken"))) throw new Error("broken");
    return pair;
  };
  const server = { setSecureContext: ({ cert }: { cert?: unknown }) => void given.push(String(cert)) };
  watch = watchCertificate({ files, used: read(), server, read, log });
}

it("gives a certificate that was renewed before the watch stood", async () => {
  start();
  write("second");
  await until(() => given.length > 0);
  expect(given).toEqual(["second"]);
  expect(watch.health()).toMatchObject({ status: "ok", detail: expect.stringContaining("renewed") });
});

it("is well again when the certificate in use comes back, and gives it to nobody anew", async () => {
  start();
  write("broken");
  await until(() => watch.health().status === "degraded");
  write("first");
  await until(() => watch.health().status === "ok");
  expect(given).toEqual([]);
  expect(watch.health().detail).toContain("as read from");
});
