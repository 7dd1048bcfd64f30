import { isSecretReference, toSecretName } from "./port.ts";

/** A place of a value that stands for a secret. */
export interface FoundReference {
  path: readonly (string | number)[];
  name: string;
}

/** Every `secret://name` in a configuration value, in its order. */
export function findReferences(value: unknown, path: readonly (string | number)[] = []): FoundReference[] {
  if (isSecretReference(value)) return [{ path, name: toSecretName(value) }];
  if (Array.isArray(value)) return value.flatMap((item, index) => findReferences(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => findReferences(item, [...path, key]));
}

/** A copy with the value of each secret in its place. A reference that `values` does not know stays. */
export function replaceReferences(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (isSecretReference(value)) return values.get(toSecretName(value)) ?? value;
  if (Array.isArray(value)) return value.map((item) => replaceReferences(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceReferences(item, values)]));
}
