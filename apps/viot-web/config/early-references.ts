import type { TSchema } from "typebox";
import type { LoadedConfig } from "#pkg/config/load.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { toSecretReference } from "#pkg/secret/port.ts";
import { findReferences } from "#pkg/secret/references.ts";

type Path = readonly (string | number)[];

/** Throws `AppError("config")` on a reference where the schema says by `withoutSecrets` why none can stand. */
export function refuseEarlyReferences(schema: TSchema, { value, locate }: LoadedConfig<unknown>): void {
  for (const { path, name } of findReferences(value)) {
    const reason = whyNoSecret(schema, path);
    if (reason === undefined) continue;
    throw new AppError("config", {
      at: locate(path),
      message: `${toSecretReference(name)} cannot stand here: ${reason}`,
      mend: `give the value here, or by the environment: DETECTVIZ__${path.join("__").toUpperCase()}`,
    });
  }
}

/** The annotation of the key or of a section around it; undefined where a reference may stand. */
export function whyNoSecret(schema: TSchema, path: Path): string | undefined {
  let at: unknown = schema;
  for (const step of [undefined, ...path]) {
    if (step !== undefined) at = childOf(at, step);
    const { withoutSecrets } = (at ?? {}) as { withoutSecrets?: string };
    if (withoutSecrets !== undefined) return withoutSecrets;
  }
  return undefined;
}

function childOf(schema: unknown, step: string | number): unknown {
  const shape = (schema ?? {}) as { properties?: Record<string, unknown>; items?: unknown };
  return typeof step === "number" ? shape.items : shape.properties?.[step];
}
