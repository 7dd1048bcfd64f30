import { openTelegrafBinary } from "#internal/fleet/binary.ts";
import { openFleet } from "#internal/fleet/fleet.ts";
import { systemClock } from "#pkg/clock/clock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";

/**
 * A node that only has a fleet, in a process of its own so that a test can kill it.
 * `node fleet-node.ts <folder> <environment as JSON>`; says "up" when it stands.
 */
const [folder = "", environment = "{}"] = process.argv.slice(2);
const deps = { clock: systemClock, log: silentLogger };
const machine = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? ""]));
const binary = openTelegrafBinary({ ...deps, configured: () => "", environment: machine, cacheFolder: folder });
openFleet({ ...deps, folder, binary, environment: JSON.parse(environment), keepOnStop: () => false });
setInterval(() => {}, 1000);
process.stdout.write("up\n");
