import type { Device } from "#internal/inventory/contract.ts";
import type { ModbusByteOrder, ModbusEndpoint, Reading } from "#pkg/contracts/reading.ts";
import { toFieldName } from "./fieldname.ts";
import { type RenderSettings, toTelegrafDuration } from "./settings.ts";
import { toTags } from "./tags.ts";
import { asFloat, type TomlTable } from "./toml.ts";

const busyRetries = 3;
const busyPauseMs = 500;
const timeoutMs = 2000;
/** What a slow gateway takes for one answer; only for the estimate of a round. */
const answerMs = 200;

/** A device behind a gateway. */
export interface GatewayDevice {
  device: Device;
  endpoint: ModbusEndpoint;
}

interface Request {
  device: Device;
  unitId: number;
  register: "holding" | "input";
  byteOrder: ModbusByteOrder;
  readings: readonly Reading[];
}

/** One `[[inputs.modbus]]` for all devices behind one address and port: one connection, one request after the other. */
export function toModbusTable(devices: readonly GatewayDevice[], settings: RenderSettings): TomlTable {
  const [first] = devices;
  if (first === undefined) throw new TypeError("a gateway without devices has no table");
  const { address, port, framing } = first.endpoint;
  const host = address.includes(":") ? `[${address}]` : address;
  return {
    inputs: {
      modbus: [
        {
          // Overruled by each request's tag `name`; Telegraf wants one.
          name: `${address}:${port}`,
          controller: `tcp://${host}:${port}`,
          transmission_mode: framing === "tcp" ? "TCP" : "RTUoverTCP",
          configuration_type: "request",
          timeout: toTelegrafDuration(timeoutMs),
          busy_retries: busyRetries,
          busy_retries_wait: toTelegrafDuration(busyPauseMs),
          exclude_register_type_tag: true,
          tagexclude: ["slave_id"],
          interval: toTelegrafDuration(gatewayIntervalMs(devices, settings)),
          workarounds: {
            pause_after_connect: toTelegrafDuration(settings.modbusPauseAfterConnectMs),
            pause_between_requests: toTelegrafDuration(settings.modbusPauseBetweenRequestsMs),
          },
          request: devices.flatMap(toRequests).map(toRequestTable),
        },
      ],
    },
  };
}

/** How often a gateway can be read: a round of its requests, with their pauses, must fit into the interval. */
export function gatewayIntervalMs(devices: readonly GatewayDevice[], settings: RenderSettings): number {
  const requests = devices.flatMap(toRequests).reduce((sum, request) => sum + countBlocks(request.readings), 0);
  const roundMs = settings.modbusPauseAfterConnectMs + requests * (settings.modbusPauseBetweenRequestsMs + answerMs);
  return Math.max(settings.intervalMs, Math.ceil(roundMs / 1000) * 1000);
}

/** What a round takes longer for each device that does not answer: its time-out and the new connection after it. */
export function silenceMs(settings: RenderSettings): number {
  return timeoutMs + settings.modbusPauseAfterConnectMs;
}

/** One request a unit id, register type and byte order. */
function toRequests({ device, endpoint }: GatewayDevice): Request[] {
  const requests = new Map<string, Request & { readings: Reading[] }>();
  for (const reading of device.readings) {
    if (reading.source.type !== "modbus") continue;
    const { register, byteOrder } = reading.source;
    const key = `${register} ${byteOrder}`;
    const request = requests.get(key) ?? { device, unitId: endpoint.unitId, register, byteOrder, readings: [] };
    request.readings.push(reading);
    requests.set(key, request);
  }
  return [...requests.values()];
}

function toRequestTable(request: Request): TomlTable {
  return {
    slave_id: request.unitId,
    register: request.register,
    byte_order: request.byteOrder,
    measurement: request.device.kind,
    fields: request.readings.flatMap(toField),
    tags: toTags(request.device),
  };
}

function toField(reading: Reading): TomlTable[] {
  if (reading.source.type !== "modbus") return [];
  const { address, dataType } = reading.source;
  return [{ address, name: toFieldName(reading), type: dataType, scale: asFloat(reading.scale), output: "FLOAT64" }];
}

/** Telegraf reads neighbouring registers at once and makes a request of its own after each gap. */
function countBlocks(readings: readonly Reading[]): number {
  const spans = readings
    .flatMap(({ source }) =>
      source.type === "modbus" ? [{ from: source.address, words: wordsOf(source.dataType) }] : [],
    )
    .sort((a, b) => a.from - b.from);
  return spans.filter((span, index) => index === 0 || span.from > endOf(spans[index - 1])).length;
}

function endOf(span: { from: number; words: number } | undefined): number {
  return span === undefined ? -1 : span.from + span.words;
}

function wordsOf(dataType: string): number {
  return Number(/\d+$/.exec(dataType)?.[0] ?? 16) / 16;
}
