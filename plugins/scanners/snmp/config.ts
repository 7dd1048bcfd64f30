import { Type } from "typebox";

/** `[plugins.scanner.snmp]`. */
export const config = Type.Object(
  {
    parallel_devices: Type.Integer({
      description: "Devices read at the same time, each with one request under way.",
      default: 64,
      minimum: 1,
      maximum: 1000,
    }),
  },
  { additionalProperties: false },
);
