import { isDeepStrictEqual } from "node:util";
import type { TSchema } from "typebox";
import { type NodeConfig, nodeConfig } from "./config.ts";

/** A key of the configuration, dotted. */
export interface ConfigKey {
  key: string;
  /** A running node cannot take it over. */
  restart: boolean;
  /** What it means, and why it needs a restart where it does. */
  description: string;
}

/** Names of the sections that differ. */
export function changedSections(before: NodeConfig, after: NodeConfig): string[] {
  const keys = Object.keys({ ...before, ...after }) as (keyof NodeConfig)[];
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

/**
 * Keys in which `after` differs from what is in use: from `started` where only a restart takes over, else from `live`.
 */
export function changedKeys(
  after: NodeConfig,
  { started, live }: { started: NodeConfig; live: NodeConfig },
): ConfigKey[] {
  const differs = (path: readonly string[], { restart }: ConfigKey) =>
    !isDeepStrictEqual(toPlain(at(restart ? started : live, path)), toPlain(at(after, path)));
  return allKeys().filter((key) => differs(key.key.split("."), key));
}

/** Every key that the schema knows; a list of tables and a table of free names is one key. */
export function allKeys(): ConfigKey[] {
  return keysOf(nodeConfig, [], inheritNothing);
}

interface Inherited {
  restart: boolean;
  description: string;
}

const inheritNothing: Inherited = { restart: false, description: "" };

/** What the schema says of a section holds for its keys. */
function keysOf(schema: TSchema, path: readonly string[], inherited: Inherited): ConfigKey[] {
  const shape = schema as { restart?: boolean; description?: string; properties?: Record<string, TSchema> };
  const restart = shape.restart === true || inherited.restart;
  const description = shape.description ?? inherited.description;
  const properties = Object.entries(shape.properties ?? {});
  if (properties.length === 0) return [{ key: path.join("."), restart, description }];
  return properties.flatMap(([key, property]) => keysOf(property, [...path, key], { restart, description }));
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** A parser's objects and those that came as JSON are equal when they say the same. */
function toPlain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
