import { isDeepStrictEqual } from "node:util";
import type { TSchema } from "typebox";
import { type NodeConfig, nodeConfig } from "./config.ts";

/** Names of the sections that differ. */
export function changedSections(before: NodeConfig, after: NodeConfig): string[] {
  const keys = Object.keys({ ...before, ...after }) as (keyof NodeConfig)[];
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

/** Dotted keys that differ and that the schema marks `restart: true`. */
export function needsRestart(before: NodeConfig, after: NodeConfig): string[] {
  return differing(nodeConfig, before, after, []);
}

function differing(schema: TSchema, before: unknown, after: unknown, path: readonly string[]): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const shape = schema as { restart?: boolean; properties?: Record<string, TSchema> };
  if (shape.restart === true) return [path.join(".")];
  return Object.entries(shape.properties ?? {}).flatMap(([key, property]) =>
    differing(property, at(before, key), at(after, key), [...path, key]),
  );
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
