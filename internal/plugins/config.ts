import { Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

const settingsOf = (kind: string) =>
  Type.Record(Type.String(), Type.Unknown(), {
    description: `[plugins.${kind}.<id>]: settings of each ${kind}.`,
    default: {},
  });

/** `[plugins]`: plugins of other folders, and the settings of all. */
export const pluginsConfig = Type.Object(
  {
    folders: Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
      description:
        "Folders outside Detectviz whose sub-folders are plugins; absolute, or beside this file. Watched while running.",
      default: [],
      maxItems: 50,
    }),
    call_timeout: Type.String({
      description: "An external plugin that gives no result for so long is switched off.",
      default: "30s",
      pattern: durationPattern,
    }),
    memory: Type.Integer({
      description: "MB that one external plugin may use; one that takes more is switched off.",
      default: 64,
      minimum: 16,
      maximum: 4096,
    }),
    notifier: settingsOf("notifier"),
    scanner: settingsOf("scanner"),
  },
  { additionalProperties: false, description: "Plugins." },
);
