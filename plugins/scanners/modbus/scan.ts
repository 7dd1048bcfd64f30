import type { Endpoint, FoundDevice, ModbusEndpoint } from "#pkg/contracts/reading.ts";
import type { ScanContext, ScanCredential, Scanner, ScanTask } from "#pkg/contracts/scanner.ts";
import { createPacer, networkOf, type Pacer, pause } from "../pace.ts";
import { createQueue } from "../queue.ts";
import { type ModbusConnection, NoAnswer, openModbus } from "./connection.ts";
import { identify } from "./identify.ts";

export interface ModbusScannerDeps {
  /** Addresses asked at the same time, each with one connection. */
  parallelAddresses: number;
  /** UTC milliseconds. */
  now(): number;
}

type ModbusCredential = Extract<ScanCredential, { type: "modbus" }>;

/** Finds Modbus devices behind TCP ports: connects, asks each unit id, recognises, reads. Never writes. */
export function createModbusScanner(deps: ModbusScannerDeps): Scanner {
  return {
    async *scan(task, context) {
      const stop = new AbortController();
      const own = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
      const found = createQueue<FoundDevice>();
      const work = sweep(task, own, deps, (device) => found.push(device)).then(
        () => found.end(),
        (error: unknown) => found.end(error),
      );
      try {
        yield* found;
      } finally {
        stop.abort();
        await work;
      }
    },
    async probe(endpoint, profiles, context) {
      const modbus = toModbus(endpoint);
      const connection = await openModbus(modbus, context, deps.now);
      try {
        const device = await identify({ connection, unitId: modbus.unitId }, modbus, profiles);
        if (!device) throw new NoAnswer(`${modbus.address}:${modbus.port}: unit ${modbus.unitId} does not answer`);
        return device;
      } finally {
        await connection.close();
      }
    },
  };
}

function toModbus(endpoint: Endpoint): ModbusEndpoint {
  if (endpoint.protocol !== "modbus")
    throw new TypeError(`the Modbus scanner cannot ask a ${endpoint.protocol} device`);
  return endpoint;
}

/** Workers take one address after another; ports of one address come one after the other: one connection a gateway. */
async function sweep(
  task: ScanTask,
  context: ScanContext,
  deps: ModbusScannerDeps,
  onDevice: (device: FoundDevice) => void,
): Promise<void> {
  const addresses = task.addresses[Symbol.iterator]();
  const credentials = task.credentials.filter((credential) => credential.type === "modbus");
  const state = { asked: 0, answered: 0, silent: new Map<string, number>() };
  const pacer = createPacer(context.pace);
  const visit = { task, context, deps, pacer, credentials, onDevice };
  const work = async () => {
    for (let next = addresses.next(); !next.done && !context.signal.aborted; next = addresses.next()) {
      state.asked++;
      if (await visitAddress(next.value, visit)) state.answered++;
      else state.silent.set(networkOf(next.value), (state.silent.get(networkOf(next.value)) ?? 0) + 1);
      context.progress(state.asked, state.answered);
    }
  };
  await Promise.all(Array.from({ length: deps.parallelAddresses }, work));
  for (const [network, count] of state.silent) {
    const outcome = `${count} addresses took no connection`;
    context.journal({
      atMs: deps.now(),
      target: `${network}.0/24`,
      sent: `connect to ${task.ports.join(", ")}`,
      outcome,
    });
  }
}

interface Visit {
  task: ScanTask;
  context: ScanContext;
  deps: ModbusScannerDeps;
  pacer: Pacer;
  credentials: readonly ModbusCredential[];
  onDevice(device: FoundDevice): void;
}

/**
 * Whether any port took a connection. Devices are handed on once the address is done with: Telegraf may read them
 * from then on, and nothing is asked beside it.
 */
async function visitAddress(address: string, visit: Visit): Promise<boolean> {
  const found: FoundDevice[] = [];
  const connected = await visitPorts(address, { ...visit, onDevice: (device) => found.push(device) });
  for (const device of found) visit.onDevice(device);
  return connected;
}

async function visitPorts(address: string, visit: Visit): Promise<boolean> {
  let connected = false;
  for (const port of visit.task.ports) {
    if (visit.context.signal.aborted) break;
    if (visit.task.busy.has(`${address}:${port}`)) continue;
    try {
      connected = (await visitPort(address, port, visit)) || connected;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error; // gone in the middle, or stopped: the next port may still answer
    }
  }
  return connected;
}

/** Tries the framings until units answer in one of them. */
async function visitPort(address: string, port: number, visit: Visit): Promise<boolean> {
  let connected = false;
  for (const { unitIds, framings } of visit.credentials) {
    for (const framing of framings) {
      const open = () => connectPaced({ protocol: "modbus", address, port, unitId: 0, framing }, visit);
      const first = await open();
      if (!first) return connected;
      connected = true;
      const found = await visitUnits(first, open, unitIds, { address, port, framing }, visit);
      if (found > 0) return true;
    }
  }
  return connected;
}

async function visitUnits(
  first: ModbusConnection,
  open: () => Promise<ModbusConnection | null>,
  unitIds: readonly number[],
  at: Pick<ModbusEndpoint, "address" | "port" | "framing">,
  { task, onDevice }: Visit,
): Promise<number> {
  let connection: ModbusConnection | null = first;
  let found = 0;
  try {
    for (const unitId of unitIds) {
      // Some gateways close the connection on a unit that they do not know.
      if (connection.closed) {
        await connection.close();
        connection = await open();
      }
      if (!connection) break;
      const device: FoundDevice | null = await identify(
        { connection, unitId },
        { protocol: "modbus", ...at, unitId },
        task.profiles,
      );
      if (!device) continue;
      found++;
      onDevice(device);
    }
    return found;
  } finally {
    await connection?.close();
  }
}

/** Null when the address takes no connection. Throws `NoAnswer` when the scan is stopped. */
async function connectPaced(
  endpoint: ModbusEndpoint,
  { pacer, context, deps }: Visit,
): Promise<ModbusConnection | null> {
  const network = networkOf(endpoint.address);
  while (!context.signal.aborted && !pacer.tryTake(network, performance.now())) {
    await pause(Math.max(1, pacer.waitMs(network, performance.now())), context.signal);
  }
  if (context.signal.aborted) throw new NoAnswer("the scan was stopped", true);
  try {
    return await openModbus(endpoint, context, deps.now);
  } catch (error) {
    if (error instanceof NoAnswer && !error.aborted) return null;
    throw error;
  }
}
