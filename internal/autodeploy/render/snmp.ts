import type { Device } from "#internal/inventory/contract.ts";
import type { Reading, SnmpEndpoint } from "#pkg/contracts/reading.ts";
import { toFieldName } from "./fieldname.ts";
import { type RenderSettings, toTelegrafDuration } from "./settings.ts";
import { toTags } from "./tags.ts";
import type { TomlTable } from "./toml.ts";

/** One request's patience; a silent device costs `(retries + 1) × timeout` a round. */
const timeoutMs = 2000;
const retries = 2;

/** One `[[inputs.snmp]]` for one device. The measurement is the device's kind. */
export function toSnmpTable(device: Device, endpoint: SnmpEndpoint, settings: RenderSettings): TomlTable {
  const tags = toTags(device);
  // Telegraf's own tag for the agent is excluded again, since `device` says more; a site's tag `source` stays.
  const agentTag = "source" in tags ? "_agent" : "source";
  const host = endpoint.address.includes(":") ? `[${endpoint.address}]` : endpoint.address;
  return {
    inputs: {
      snmp: [
        {
          agents: [`udp://${host}:${endpoint.port}`],
          version: endpoint.version === "1" ? 1 : 2,
          community: endpoint.community,
          timeout: toTelegrafDuration(timeoutMs),
          retries,
          interval: toTelegrafDuration(settings.intervalMs),
          agent_host_tag: agentTag,
          tagexclude: [agentTag],
          name: device.kind,
          tags,
          field: device.readings.flatMap(toField),
        },
      ],
    },
  };
}

function toField(reading: Reading): TomlTable[] {
  if (reading.source.type !== "snmp") return [];
  const { conversion, factor } = toConversion(reading.scale);
  return [{ oid: reading.source.oid, name: toFieldName(reading, factor), conversion }];
}

/** Telegraf shifts by powers of ten without rounding error; any other scale goes through the field's name. */
function toConversion(scale: number): { conversion: string; factor: number } {
  const decimals = Math.round(-Math.log10(scale));
  const isShift = scale > 0 && decimals >= 0 && Math.abs(scale * 10 ** decimals - 1) < 1e-9;
  return isShift ? { conversion: `float(${decimals})`, factor: 1 } : { conversion: "float", factor: scale };
}
