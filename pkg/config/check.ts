import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { AppError, type FieldError } from "#pkg/errors/errors.ts";
import { isSecretReference } from "#pkg/secret/port.ts";
import { closest } from "./near-miss.ts";

type Fault = FieldError & { at: string; mend: string };

/**
 * Fills defaults and checks. Throws `AppError("config")` that names the first wrong place and lists all.
 * `locate` tells where a path of keys stands for the person who wrote it. With `mayRefer`, `secret://name` may stand
 * wherever a text may: its value is checked once it is known.
 */
export function checkConfig<S extends TSchema>(
  schema: S,
  value: unknown,
  locate: (path: readonly (string | number)[]) => string,
  { mayRefer = false } = {},
): Static<S> {
  const filled = withDefaults(schema, value);
  const isOpen = (error: SchemaError) => mayRefer && isSecretReference(Value.Pointer.Get(filled, error.instancePath));
  const errors = Value.Errors(schema, filled).filter((error) => !isOpen(error));
  const faults = dropEchoes(errors.flatMap((error) => toFaults(schema, error, locate)));
  const first = faults[0];
  if (!first) return filled as Static<S>;
  throw new AppError("config", {
    at: first.at,
    message: faults.length === 1 ? first.detail : `${first.detail} (and ${faults.length - 1} more)`,
    mend: first.mend,
    fields: faults.map((fault) => ({ pointer: fault.pointer, detail: `${fault.at}: ${fault.detail}; ${fault.mend}` })),
  });
}

/** `Value.Default` also converts; what was given must stay what it was, so defaults go only where nothing stands. */
function withDefaults(schema: TSchema, value: unknown): unknown {
  if (value === undefined)
    return "default" in schema ? withDefaults(schema, structuredClone(schema["default"])) : value;
  const shape = schema as { properties?: Record<string, TSchema>; items?: TSchema };
  if (Array.isArray(value))
    return shape.items ? value.map((item) => withDefaults(shape.items as TSchema, item)) : value;
  if (!shape.properties || typeof value !== "object" || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [key, property] of Object.entries(shape.properties)) {
    const item = withDefaults(property, filled[key]);
    if (item !== undefined) filled[key] = item;
  }
  return filled;
}

type SchemaError = ReturnType<typeof Value.Errors>[number];

function toFaults(
  schema: TSchema,
  error: SchemaError,
  locate: (path: readonly (string | number)[]) => string,
): Fault[] {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (error.keyword === "additionalProperties") {
    const extra = (error.params as { additionalProperties: string[] }).additionalProperties;
    const known = Object.keys((schemaAt(schema, path) as { properties?: object } | undefined)?.properties ?? {});
    return extra.map((key) => ({
      pointer: `${error.instancePath}/${key}`,
      at: locate([...path, key]),
      detail: `unknown key "${[...path, key].join(".")}"`,
      mend: meant(key, known),
    }));
  }
  const described = schemaAt(schema, path) as { description?: string; anyOf?: { const?: unknown }[] } | undefined;
  const choices = described?.anyOf?.map((choice) => choice.const).filter((choice) => choice !== undefined);
  const needs = choices?.length
    ? `must be one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`
    : error.message;
  return [
    {
      pointer: error.instancePath,
      at: locate(path),
      detail: `"${path.join(".")}" ${needs}`,
      mend: described?.description
        ? `it means: ${described.description}`
        : "see the key's description in conf/detectviz.conf",
    },
  ];
}

function schemaAt(schema: TSchema, path: readonly string[]): TSchema | undefined {
  let at: TSchema | undefined = schema;
  for (const key of path) {
    const shape = at as { properties?: Record<string, TSchema>; items?: TSchema } | undefined;
    at = shape?.items && /^\d+$/.test(key) ? shape.items : shape?.properties?.[key];
  }
  return at;
}

/** One wrong choice is reported once for the union and once for each of its members: keep one fault a place. */
function dropEchoes(faults: readonly Fault[]): Fault[] {
  const places = new Map<string, Fault>();
  for (const fault of faults) {
    const known = places.get(fault.pointer);
    if (!known || fault.detail.startsWith("unknown key")) places.set(fault.pointer, fault);
  }
  return [...places.values()];
}

function meant(key: string, known: readonly string[]): string {
  const near = closest(key, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length > 0 ? `known keys here: ${known.join(", ")}` : "remove it";
}
