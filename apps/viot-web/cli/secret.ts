import { text as readText } from "node:stream/consumers";
import { createAudit } from "#pkg/audit/audit.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { toDurationMs } from "#pkg/config/duration.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import type { SecretMetadata } from "#pkg/secret/port.ts";
import { createScrubber } from "#pkg/secret/scrub.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { forgetSealed, type NodeSecrets, openNodeSecrets } from "../secrets/secrets.ts";
import { hasRecords } from "../storage/records.ts";
import { toRecordsPlace, withRecords } from "./files.ts";
import { callNode } from "./node-client.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";

const by = "command line";

/** `detectviz secret set NAME`: the value comes from standard input, never from an argument that others can see. */
export async function setSecret(name: string, options: CommonOptions & { expires?: string }): Promise<void> {
  await runCommand(options.json, async () => {
    const expiresAt = toExpiry(options.expires);
    const value = await readValue();
    const expires = expiresAt === null ? {} : { expires_at: new Date(expiresAt).toISOString() };
    const { dataFolder } = toPaths(options);
    const answer = await callNode(dataFolder, "POST", "/api/v1/secrets", { name, value, ...expires });
    const version = answer
      ? (answer.body as { version: number }).version
      : (await inFiles(options, ({ secrets }) => secrets.set(name, value, { expiresAt, by }))).version;
    print(options.json, { name, version }, `${name}: version ${version}; use it as "secret://${name}"`);
  });
}

/** `detectviz secret list`: names, versions and dates. */
export async function listSecrets(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const { dataFolder } = toPaths(options);
    const answer = await callNode(dataFolder, "GET", "/api/v1/secrets");
    const items = answer
      ? (answer.body as { items: SecretJson[] }).items
      : (await inFiles(options, ({ secrets }) => secrets.list())).map(toSecretJson);
    const lines = items.map((one) => `${one.name}  version ${one.version}  set ${one.updated_at}${expiryOf(one)}`);
    print(options.json, { items }, lines.length > 0 ? lines.join("\n") : "no secrets");
  });
}

/** `detectviz secret delete NAME`: with all its versions. */
export async function deleteSecret(name: string, options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const { dataFolder } = toPaths(options);
    const answer = await callNode(dataFolder, "DELETE", `/api/v1/secrets/${encodeURIComponent(name)}`);
    if (!answer && !(await inFiles(options, ({ secrets }) => secrets.delete(name, by)))) {
      throw new AppError("not_found", { message: `there is no secret "${name}"`, mend: "npx detectviz secret list" });
    }
    print(options.json, { name }, `${name}: deleted`);
  });
}

/** `detectviz secret rotate NAME` prints the new random value alone on stdout; `--key` renews the key of all. */
export async function rotateSecret(name: string | undefined, options: CommonOptions & { key: boolean }): Promise<void> {
  await runCommand(options.json, async () => {
    if (options.key === (name !== undefined)) {
      throw new AppError("bad_request", {
        message: "what shall be rotated?",
        mend: "secret rotate NAME, or secret rotate --key",
      });
    }
    const { dataFolder } = toPaths(options);
    if (name === undefined) {
      const answer = await callNode(dataFolder, "POST", "/api/v1/secret-key/renew");
      if (!answer) await inFiles(options, ({ renewKey }) => renewKey(by));
      return print(options.json, { renewed: true }, "the key is renewed and everything sealed anew");
    }
    const answer = await callNode(dataFolder, "POST", `/api/v1/secrets/${encodeURIComponent(name)}/rotate`);
    const value = answer
      ? (answer.body as { value: string }).value
      : (await inFiles(options, ({ secrets }) => secrets.rotate(name, by))).value;
    print(options.json, { name, value }, value);
  });
}

/** `detectviz secret forget`: the way out when the key is lost. Devices are found again by their next scan. */
export async function forgetAll(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    await withRecords(existing(options), forgetSealed);
    print(options.json, { forgotten: true }, "all secrets and communities are forgotten; set them again, then scan");
  });
}

/** Works on the secrets of a data folder that no node has open. */
function inFiles<R>(options: CommonOptions, work: (secrets: NodeSecrets) => Promise<R>): Promise<R> {
  return withRecords(options, async (sql) => work(await openIn(sql, toPaths(options).dataFolder)));
}

function openIn(sql: SqlClient, dataFolder: string): Promise<NodeSecrets> {
  const audit = createAudit({ sql, clock });
  const scrubber = createScrubber();
  return openNodeSecrets({ sql, dataFolder, environment: process.env, clock, log, audit, scrubber, onChange() {} });
}

function existing(options: CommonOptions): CommonOptions {
  const place = toRecordsPlace(options);
  if (hasRecords(place)) return options;
  throw new AppError("not_found", {
    at: place.dataFolder,
    message: "there are no records here",
    mend: "name the folder: --data DIR",
  });
}

/** One line end at the end is the shell's, not the secret's. */
async function readValue(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("value, then Ctrl-D (it is shown): ");
  return (await readText(process.stdin)).replace(/\r?\n$/, "");
}

function toExpiry(text: string | undefined): number | null {
  if (text === undefined) return null;
  const durationMs = toDurationMs(text);
  if (durationMs) return clock.now() + durationMs;
  throw new AppError("bad_request", { message: `"${text}" is no duration`, mend: "write for example --expires 90d" });
}

interface SecretJson {
  name: string;
  version: number;
  updated_at: string;
  expires_at: string | null;
}

function toSecretJson({ name, version, updatedAt, expiresAt }: SecretMetadata): SecretJson {
  const toTime = (ms: number) => new Date(ms).toISOString();
  return { name, version, updated_at: toTime(updatedAt), expires_at: expiresAt === null ? null : toTime(expiresAt) };
}

const expiryOf = (one: SecretJson) => (one.expires_at === null ? "" : `  expires ${one.expires_at}`);
