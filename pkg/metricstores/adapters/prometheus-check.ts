import { AppError } from "#pkg/errors/errors.ts";
import type { RemoteStoreConfig } from "../config.ts";
import type { HttpAnswer, HttpClient } from "../http-client.ts";
import { toWords } from "../outcome.ts";
import type { Check } from "../port.ts";
import { remoteWriteHeaders, toPaths } from "./prometheus-api.ts";

type Wrong = Extract<Check, { kind: "wrong" }>;

/** A `WriteRequest` without series, in Snappy's block format. */
const emptyWrite = Uint8Array.of(0);

/** Asks the server what it is, then writes nothing to it. */
export async function checkPrometheus(config: RemoteStoreConfig, http: HttpClient): Promise<Check> {
  try {
    const paths = toPaths(config.type);
    const info = await http.send("GET", `${paths.query}/status/buildinfo`);
    if (info.status === 401 || info.status === 403) return wrongLogin(config, info);
    if (info.status >= 500) return { kind: "away", words: toWords(info.status, info.body) };
    const found = toServer(info);
    const wrong = checkServer(config, found);
    if (wrong) return wrong;
    const write = await http.send("POST", paths.write, { body: emptyWrite, headers: remoteWriteHeaders });
    if (write.status === 401 || write.status === 403) return wrongLogin(config, write);
    if (write.status === 404) return takesNoWrites(config, write);
    if (write.status >= 500) return { kind: "away", words: toWords(write.status, write.body) };
    return { kind: "ok", server: `${names[found.type ?? config.type]}${found.version ? ` ${found.version}` : ""}` };
  } catch (error) {
    if (error instanceof AppError && error.code === "unavailable") return { kind: "away", words: error.detail };
    throw error;
  }
}

const names: Record<string, string> = { victoriametrics: "VictoriaMetrics", prometheus: "Prometheus", mimir: "Mimir" };

/** What it says it is; undefined: it does not say, and speaks Prometheus' API. */
function toServer({ headers, body, status }: HttpAnswer): {
  type: string | undefined;
  version: string;
  isAny: boolean;
} {
  const version = /"version"\s*:\s*"([^"]*)"/.exec(body)?.[1] ?? "";
  const isAny = status === 200 && /"status"\s*:\s*"success"/.test(body);
  if (headers["x-influxdb-version"] !== undefined) return { type: "influxdb", version, isAny: false };
  if (headers["x-server-hostname"] !== undefined) return { type: "victoriametrics", version: "", isAny };
  if (/Mimir/.test(body)) return { type: "mimir", version, isAny };
  return { type: isAny && /"goVersion"/.test(body) ? "prometheus" : undefined, version, isAny };
}

/** Other servers that speak the same API (Thanos, Cortex, a proxy) pass: only what is surely another is wrong. */
function checkServer({ type }: RemoteStoreConfig, found: ReturnType<typeof toServer>): Wrong | undefined {
  const key = "type";
  if (found.type === "influxdb") {
    return {
      kind: "wrong",
      key,
      words: "it is an InfluxDB",
      mend: "correct type or url (influxdb_v1, influxdb_v2 and influxdb_v3 are types)",
    };
  }
  if (!found.isAny) {
    const words = `what answers there is no ${names[type]}: it has no build information where ${names[type]} has it`;
    return {
      kind: "wrong",
      key: "url",
      words,
      mend: "correct url or type; a path in front of the API belongs into url",
    };
  }
  if (found.type !== undefined && found.type !== type) {
    return { kind: "wrong", key, words: `it is ${names[found.type]}`, mend: `write type = "${found.type}"` };
  }
  const [major = 0, minor = 0] = found.version.split(".").map((part) => Number.parseInt(part, 10));
  if (found.type !== "prometheus" || major > 2 || minor >= 33) return undefined;
  return {
    kind: "wrong",
    key,
    words: `Prometheus ${found.version} is too old to take remote writes`,
    mend: "use 2.33 or later",
  };
}

function takesNoWrites({ type }: RemoteStoreConfig, answer: HttpAnswer): Wrong {
  const words = `it takes no remote writes (${toWords(answer.status, answer.body)})`;
  const mend = type === "prometheus" ? "start it with --web.enable-remote-write-receiver" : "look at the path in url";
  return { kind: "wrong", key: "url", words, mend };
}

function wrongLogin({ token, username, type, tenant }: RemoteStoreConfig, { status, body }: HttpAnswer): Wrong {
  const words = `it refuses the log-in (${toWords(status, body)})`;
  if (type === "mimir" && !tenant) return { kind: "wrong", key: "url", words, mend: "name a tenant" };
  if (token) return { kind: "wrong", key: "token", words, mend: "give a token that may write there" };
  if (username) return { kind: "wrong", key: "password", words, mend: "give the right username and password" };
  return { kind: "wrong", key: "url", words, mend: "give username and password, or a token" };
}
