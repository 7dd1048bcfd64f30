import { Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

const duration = (description: string, byDefault: string) =>
  Type.String({ description, default: byDefault, pattern: durationPattern });

/** Schema of `[telegraf]`. */
export const telegrafConfig = Type.Object(
  {
    binary: Type.String({
      description: "Path of telegraf. Empty: TELEGRAF_BIN, then PATH, then our cache, then built with Go 1.26.",
      default: "",
    }),
    interval: duration(
      "How often each device is read. Gateways with many requests are read as fast as they allow.",
      "10s",
    ),
    devices_per_unit: Type.Integer({
      description: "At most this many devices in one Telegraf process; a gateway is never split.",
      default: 50,
      minimum: 1,
      maximum: 1000,
    }),
    batch_size: Type.Integer({
      description: "Points that Telegraf sends in one request.",
      default: 1000,
      minimum: 1,
      maximum: 100_000,
    }),
    buffer_limit: Type.Integer({
      description:
        "Points that each Telegraf process keeps in memory while this node does not answer; then the oldest go.",
      default: 20_000,
      minimum: 100,
      maximum: 10_000_000,
    }),
    watch_timeout: duration(
      "After a change every device must deliver within two intervals; this much is added for the start of Telegraf.",
      "10s",
    ),
    modbus_pause_after_connect: duration(
      "Pause after connecting to a Modbus gateway, before the first request.",
      "500ms",
    ),
    modbus_pause_between_requests: duration("Pause between two requests to a Modbus gateway.", "1s"),
    keep_on_stop: Type.Boolean({
      description: "Let Telegraf go on when this node is stopped; the next start takes it over.",
      default: false,
    }),
  },
  { additionalProperties: false, description: "Telegraf on this machine: what it is, and how it reads." },
);
