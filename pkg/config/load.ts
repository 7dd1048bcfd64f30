import { readFileSync } from "node:fs";
import type { Static, TSchema } from "typebox";
import { type EnvReader, toOverrides } from "#pkg/env/env.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { checkConfig } from "./check.ts";
import { parseToml } from "./toml.ts";

/** A checked configuration and where each of its keys came from. */
export interface LoadedConfig<T> {
  value: T;
  file: string;
  /** `file:line`, or the environment variable that set it. */
  locate(path: readonly (string | number)[]): string;
}

/**
 * Reads one TOML file, lays the environment over it, fills defaults and checks it against `schema`.
 * Throws `AppError("config")` with file, line, key and the mend.
 */
export function loadConfig<S extends TSchema>(schema: S, file: string, env: EnvReader): LoadedConfig<Static<S>> {
  const document = parseToml(readText(file), file);
  const overridden = new Map<string, string>();
  for (const { variable, path, value } of toOverrides(env)) {
    setAt(document.value, path, value, variable);
    overridden.set(path.join("."), variable);
  }
  const locate = (path: readonly (string | number)[]) => {
    for (let depth = path.length; depth > 0; depth--) {
      const variable = overridden.get(path.slice(0, depth).join("."));
      if (variable) return `environment variable ${variable}`;
    }
    return document.locate(path);
  };
  return { value: checkConfig(schema, document.value, locate, { mayRefer: true }), file, locate };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new AppError("config", {
      at: file,
      message: `the configuration cannot be read (${messageOf(error)})`,
      mend: "give the file with --config FILE, or make one with: npx detectviz init DIR",
      cause: error,
    });
  }
}

function setAt(root: Record<string, unknown>, path: readonly string[], value: unknown, variable: string): void {
  let at = root;
  for (const key of path.slice(0, -1)) {
    at[key] ??= {};
    const next = at[key];
    if (typeof next !== "object" || next === null || Array.isArray(next)) {
      throw new AppError("config", {
        at: `environment variable ${variable}`,
        message: `"${key}" is not a section`,
        mend: "name sections and key as DETECTVIZ__SECTION__KEY",
      });
    }
    at = next as Record<string, unknown>;
  }
  at[path.at(-1) ?? ""] = value;
}
