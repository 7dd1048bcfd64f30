import { definePlugin } from "#pkg/contracts/plugin.ts";
import { config } from "./config.ts";
import { createModbusScanner } from "./scan.ts";

/** Finds and reads devices by Modbus TCP and RTU over TCP. Read-only. */
export default definePlugin({
  kind: "scanner",
  id: "modbus",
  config,
  create: (host) => createModbusScanner({ parallelAddresses: host.config.parallel_addresses, now: () => host.now() }),
});
