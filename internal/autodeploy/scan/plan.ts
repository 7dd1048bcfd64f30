import { parseDuration } from "#pkg/config/duration.ts";
import type { ScanCredential, ScanPace } from "#pkg/contracts/scanner.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { ScanConfig } from "../config.ts";
import type { ScanRequest } from "../contract.ts";
import { checkRanges, type Locate } from "./allowed.ts";
import { countAddresses, type Span } from "./ranges.ts";

/** Addresses of one scan at most: sixteen /16. */
export const mostAddresses = 1_048_576;

/** One sweep by one protocol. */
export interface Sweep {
  protocol: "snmp" | "modbus";
  ports: readonly number[];
  credentials: readonly ScanCredential[];
  pace: ScanPace;
}

/** A checked request: what will be asked, where and how. */
export interface ScanPlan {
  spans: readonly Span[];
  /** Addresses. */
  count: number;
  sweeps: readonly Sweep[];
}

/** Checks a request against the configuration. Throws `AppError("bad_request")` naming the field and the mend. */
export function toPlan(request: ScanRequest, config: ScanConfig, locate?: Locate): ScanPlan {
  const spans = checkRanges(request.ranges, { ...config, ...(locate ? { locate } : {}) });
  const count = countAddresses(spans);
  if (request.ranges.length === 0) throw wrong("/ranges", "there is no range", 'give one, for example "10.1.0.0/24"');
  if (count > mostAddresses) {
    const message = `${count} addresses are more than ${mostAddresses} in one scan`;
    throw wrong("/ranges", message, "scan the parts one after the other");
  }
  if (request.protocols.length === 0) throw wrong("/protocols", "there is no protocol", 'give "snmp" or "modbus"');
  return {
    spans,
    count,
    sweeps: [...new Set(request.protocols)].map((protocol) => toSweep(protocol, request, config)),
  };
}

function toSweep(protocol: Sweep["protocol"], request: ScanRequest, config: ScanConfig): Sweep {
  const known = request.credentials ?? config.credentials.map(toCredential);
  const credentials = known.filter((credential) => credential.type === protocol);
  if (credentials.length === 0) {
    const mend = `give one of type "${protocol}", or leave credentials out to take those of [[scan.credentials]]`;
    throw wrong("/credentials", `there is no credential for ${protocol}`, mend);
  }
  const ports = [...new Set(request.ports?.[protocol] ?? config.ports[protocol])];
  return { protocol, ports, credentials, pace: { ...toPace(config, protocol), ...request.pace } };
}

/** A credential as scanners take it. */
export function toCredential(entry: ScanConfig["credentials"][number]): ScanCredential {
  const { type, version, community, unit_ids: unitIds, framings } = entry;
  return type === "snmp" ? { type, version, community } : { type, unitIds, framings };
}

/** The configured pace for one protocol. */
export function toPace({ pace }: Pick<ScanConfig, "pace">, protocol: "snmp" | "modbus"): ScanPace {
  return {
    perSecond: pace.per_second,
    perNetworkPerSecond: pace.per_network_per_second,
    perDeviceMs: parseDuration(protocol === "modbus" ? pace.per_device_modbus : pace.per_device),
    afterConnectMs: parseDuration(pace.after_connect),
    timeoutMs: parseDuration(pace.timeout),
    retries: pace.retries,
  };
}

function wrong(pointer: string, message: string, mend: string): AppError {
  return new AppError("bad_request", { message, mend, fields: [{ pointer, detail: message }] });
}
