import { definePlugin } from "#pkg/contracts/plugin.ts";
import { config } from "./config.ts";
import { createSnmpScanner } from "./scan.ts";

/** Finds and reads devices by SNMP v1 and v2c. Read-only. */
export default definePlugin({
  kind: "scanner",
  id: "snmp",
  config,
  create: (host) => createSnmpScanner({ parallelDevices: host.config.parallel_devices, now: () => host.now() }),
});
