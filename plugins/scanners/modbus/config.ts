import { Type } from "typebox";

/** `[plugins.scanner.modbus]`. */
export const config = Type.Object(
  {
    parallel_addresses: Type.Integer({
      description: "Addresses asked at the same time, each with one connection.",
      default: 256,
      minimum: 1,
      maximum: 4000,
    }),
  },
  { additionalProperties: false },
);
