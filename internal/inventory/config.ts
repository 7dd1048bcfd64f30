import { Type } from "typebox";

/** `[inventory]` of `detectviz.conf`. */
export const inventoryConfig = Type.Object(
  {
    name_pattern: Type.String({
      description:
        "Name of a device from its tags, used when all of them are there; else the device's own name, else its key.",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the pattern is filled per device
      default: "${factory}${phase}${dc}${room}${rack}P${side}",
    }),
  },
  { description: "The record of devices.", default: {}, additionalProperties: false },
);
