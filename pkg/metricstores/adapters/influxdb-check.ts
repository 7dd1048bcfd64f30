import { AppError } from "#pkg/errors/errors.ts";
import type { RemoteStoreConfig } from "../config.ts";
import type { HttpAnswer, HttpClient } from "../http-client.ts";
import { toWords } from "../outcome.ts";
import type { Check } from "../port.ts";
import { toJson } from "./answer.ts";

type Wrong = Extract<Check, { kind: "wrong" }>;

/** Asks the server what it is, then for the database where it can be asked. */
export async function checkInfluxDb(config: RemoteStoreConfig, http: HttpClient): Promise<Check> {
  try {
    const ping = await http.send("GET", "/ping");
    if (ping.status >= 500) return { kind: "away", words: toWords(ping.status, ping.body) };
    if (ping.status === 401 || ping.status === 403) return wrongLogin(config, ping);
    const version = toVersion(ping);
    const wrong = version === undefined ? undefined : checkVersion(config, version);
    if (wrong) return wrong;
    if (config.type === "influxdb_v1") return await checkDatabase(config, http, version);
    return await checkWriteApi(config, http, version);
  } catch (error) {
    if (error instanceof AppError && error.code === "unavailable") return { kind: "away", words: error.detail };
    throw error;
  }
}

/** `x-influxdb-version` is `1.6.7~rc0`, `v2.7.1` or `3.1.0`; 3 says it in its JSON too. */
function toVersion({ headers, body }: HttpAnswer): string | undefined {
  const said = String(headers["x-influxdb-version"] ?? "") || (/"version"\s*:\s*"([^"]+)"/.exec(body)?.[1] ?? "");
  return /^v?(\d+\.\d+[\w.~+-]*)/.exec(said)?.[1];
}

function checkVersion({ type }: RemoteStoreConfig, version: string): Wrong | undefined {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  const is = `it is InfluxDB ${version}`;
  const key = "type";
  if (type === "influxdb_v1" && major > 1) {
    return { kind: "wrong", key, words: is, mend: `write type = "influxdb_v${major}"` };
  }
  if (type === "influxdb_v2" && (major > 2 || (major === 1 && minor < 8))) {
    const mend = major > 2 ? 'write type = "influxdb_v3"' : 'write type = "influxdb_v1": its v2 API came with 1.8';
    return { kind: "wrong", key, words: is, mend };
  }
  if (type !== "influxdb_v3" || major > 2) return undefined;
  return { kind: "wrong", key, words: is, mend: `write type = "influxdb_v${Math.max(major, 1)}"` };
}

function wrongLogin({ token, username }: RemoteStoreConfig, { status, body }: HttpAnswer): Wrong {
  const words = `it refuses the log-in (${toWords(status, body)})`;
  if (token) return { kind: "wrong", key: "token", words, mend: "give a token that may write there" };
  if (username) return { kind: "wrong", key: "password", words, mend: "give the right username and password" };
  return { kind: "wrong", key: "url", words, mend: "give username and password, or a token" };
}

async function checkDatabase(config: RemoteStoreConfig, http: HttpClient, version: string | undefined): Promise<Check> {
  if (version === undefined) return isNoInfluxDb(config);
  const answer = await http.send("GET", `/query?${new URLSearchParams({ q: "SHOW DATABASES" })}`);
  if (answer.status === 401 || answer.status === 403) return wrongLogin(config, answer);
  if (answer.status !== 200) return { kind: "away", words: toWords(answer.status, answer.body) };
  const names = toNames(answer);
  if (names.includes(config.database)) return { kind: "ok", server: `InfluxDB ${version}` };
  const known = names.filter((name) => name !== "_internal").join(", ");
  return {
    kind: "wrong",
    key: "database",
    words: `there is no database "${config.database}" that this log-in may see`,
    mend: `make it (CREATE DATABASE "${config.database}")${known ? `, or name one of: ${known}` : ""}`,
  };
}

/** Names of the databases; none when the answer is JSON of another form. */
function toNames(answer: HttpAnswer): string[] {
  const { results } = toJson(answer) as { results?: { series?: { values?: string[][] }[] }[] };
  return (results?.[0]?.series?.[0]?.values ?? []).map(([name]) => String(name));
}

/** An empty body changes nothing, but a server without this API, or that does not know us, says so. */
async function checkWriteApi(config: RemoteStoreConfig, http: HttpClient, version: string | undefined): Promise<Check> {
  const place =
    config.type === "influxdb_v3" ? { bucket: config.database } : { bucket: config.bucket, org: config.org };
  const path = `/api/v2/write?${new URLSearchParams({ ...place, precision: "ms" })}`;
  const answer = await http.send("POST", path, { body: "", headers: { "content-type": "text/plain; charset=utf-8" } });
  if (answer.status === 401 || answer.status === 403) return wrongLogin(config, answer);
  if (answer.status === 404 && version !== undefined) {
    const [key, name] = config.type === "influxdb_v3" ? ["database", config.database] : ["bucket", config.bucket];
    const mend = `make the ${key}, or name one that is there`;
    return { kind: "wrong", key, words: `"${name}": ${toWords(answer.status, answer.body)}`, mend };
  }
  if (answer.status >= 500) return { kind: "away", words: toWords(answer.status, answer.body) };
  if (version === undefined && answer.status >= 300) return isNoInfluxDb(config);
  return {
    kind: "ok",
    server: version === undefined ? "a server with InfluxDB's v2 write API" : `InfluxDB ${version}`,
  };
}

function isNoInfluxDb({ type }: RemoteStoreConfig): Wrong {
  const words = `what answers there is no InfluxDB with the ${type.slice(-2)} API`;
  return {
    kind: "wrong",
    key: "type",
    words,
    mend: "correct type or url (victoriametrics and prometheus are types too)",
  };
}
