import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { parse } from "smol-toml";

/** Environment variables, those of `.env` behind the real ones. */
export interface EnvReader {
  get(key: string): string | undefined;
  getOrDefault(key: string, fallback: string): string;
  /** Every pair, for a reader that looks for a prefix. */
  entries(): [string, string][];
}

/** Reads the process' environment over the `.env` file, where there is one. */
export function readEnv(environment: NodeJS.ProcessEnv, dotEnvFile: string): EnvReader {
  const file = existsSync(dotEnvFile) ? parseEnv(readFileSync(dotEnvFile, "utf8")) : {};
  const merged: Record<string, string | undefined> = { ...file, ...environment };
  return {
    get: (key) => merged[key],
    getOrDefault: (key, fallback) => merged[key] ?? fallback,
    entries: () => Object.entries(merged).filter((pair): pair is [string, string] => pair[1] !== undefined),
  };
}

const prefix = "DETECTVIZ__";

/** `DETECTVIZ__SCAN__ALLOW='["10.0.0.0/8"]'` → path `scan.allow`; the value is TOML where it is one, else text. */
export function toOverrides(env: EnvReader): { variable: string; path: string[]; value: unknown }[] {
  return env
    .entries()
    .filter(([key]) => key.startsWith(prefix))
    .map(([variable, text]) => ({
      variable,
      path: variable.slice(prefix.length).toLowerCase().split("__"),
      value: toValue(text),
    }));
}

function toValue(text: string): unknown {
  try {
    return parse(`value = ${text}`)["value"];
  } catch {
    return text;
  }
}
