import type { TSchema } from "typebox";
import type { TargetOf } from "#internal/contacts/channels.ts";
import type { ExternalPlugins } from "#internal/plugins/external/external-plugins.ts";
import { isSecretReference } from "#pkg/secret/port.ts";
import { plugins } from "#plugins/index.gen.ts";
import { type NodeConfig, nodeConfig } from "./config.ts";

const hidden = "…";

/**
 * The configuration without what a schema marks `secret: true`, for people's eyes. `targetOf` gives the schema of the
 * channels of a notifier, `external` those of the settings of external plugins.
 */
export function redact(
  config: NodeConfig,
  targetOf: TargetOf,
  external?: Pick<ExternalPlugins, "schemasOf">,
): Record<string, unknown> {
  const shown = hide(nodeConfig, config) as NodeConfig & Record<string, unknown>;
  for (const plugin of plugins) {
    const ofKind = shown.plugins[plugin.kind];
    if (ofKind?.[plugin.id] !== undefined) ofKind[plugin.id] = hide(plugin.config, ofKind[plugin.id]);
  }
  for (const kind of ["notifier", "scanner"] as const) {
    for (const [id, section] of Object.entries(shown.plugins[kind])) {
      if (plugins.some((plugin) => plugin.kind === kind && plugin.id === id)) continue;
      const schema = external?.schemasOf(kind, id)?.config;
      shown.plugins[kind][id] = schema ? hide(schema, section) : hideTexts(section);
    }
  }
  for (const { channels } of shown.contacts) {
    for (const channel of channels) Object.assign(channel, hide(targetOf(channel.type) ?? {}, channel));
  }
  return shown;
}

function hide(schema: TSchema, value: unknown): unknown {
  const shape = schema as {
    secret?: boolean;
    properties?: Record<string, TSchema>;
    items?: TSchema;
    anyOf?: TSchema[];
    patternProperties?: Record<string, TSchema>;
  };
  if (shape.secret === true && value !== "" && value !== undefined) return isSecretReference(value) ? value : hidden;
  if (Array.isArray(value)) return value.map((item) => (shape.items ? hide(shape.items, item) : item));
  if (typeof value !== "object" || value === null) return value;
  const properties = Object.assign(
    {},
    shape.properties,
    ...(shape.anyOf ?? []).map((one) => (one as typeof shape).properties),
  );
  const [others] = Object.values(shape.patternProperties ?? {}); // a record has one
  const schemaOf = (key: string) => properties[key] ?? others;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, schemaOf(key) ? hide(schemaOf(key), item) : copy(item)]),
  );
}

/** Nobody knows which of the settings of a plugin that does not run are secret. */
function hideTexts(value: unknown): unknown {
  if (typeof value === "string") return isSecretReference(value) ? value : hidden;
  if (Array.isArray(value)) return value.map(hideTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideTexts(item)]));
}

function copy(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}
