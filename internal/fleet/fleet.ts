import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { BinarySource } from "./binary.ts";
import type { Fleet } from "./contract.ts";
import { createTrials } from "./trial.ts";
import { openUnit, type Unit } from "./unit.ts";

export interface FleetDeps {
  /** Holds `units/` and `trials/`; absolute. */
  folder: string;
  binary: BinarySource;
  /** Telegraf's whole environment, see `toTelegrafEnvironment`; read at each start of a process. */
  environment: Readonly<Record<string, string>>;
  /** `close` lets the processes run on. */
  keepOnStop(): boolean;
  clock: Clock;
  log: Logger;
}

const pollMs = 1000;

/** Opens the units that are on disk: takes over what runs, starts what does not. Ends them with `close`. */
export function openFleet(deps: FleetDeps): Fleet & { close(): Promise<void> } {
  const unitsFolder = join(deps.folder, "units");
  mkdirSync(unitsFolder, { recursive: true, mode: 0o700 });
  const units = new Map<string, Unit>();
  const binary = () => deps.binary.binary();
  const open = (id: string) => {
    const unit = openUnit(id, { ...deps, binary, folder: join(unitsFolder, id) });
    units.set(id, unit);
    return unit;
  };
  const trials = createTrials({ ...deps, binary, folder: join(deps.folder, "trials") });
  for (const id of readdirSync(unitsFolder).filter(isUnitId)) open(id);
  const resume = () => resumeAll(units.values(), deps);
  const undo = deps.binary.onBinary(({ state }) => state === "ready" && resume());
  if (binary().state === "ready") resume();
  const stopPolling = repeat(deps.clock, () => {
    for (const unit of units.values()) unit.poll();
  });
  return {
    binary,
    onBinary: (listener) => deps.binary.onBinary(listener),
    units: () => [...units.values()].map((unit) => unit.status()),
    ...trials,
    async apply(unitId, files, devices) {
      if (!isUnitId(unitId)) throw new AppError("bad_request", { at: unitId, message: "is no name of a unit" });
      if (Object.keys(files).length > 0) return (units.get(unitId) ?? open(unitId)).apply(files, devices);
      await units.get(unitId)?.remove();
      units.delete(unitId);
    },
    files: async (unitId) => units.get(unitId)?.files() ?? {},
    restart: (unitId) => known(units, unitId).restart(),
    async close() {
      undo();
      stopPolling();
      await Promise.all([...units.values()].map((unit) => unit.close(deps.keepOnStop())));
    },
  };
}

/** A unit that cannot be taken up must not keep the others down. */
function resumeAll(units: Iterable<Unit>, { log }: FleetDeps): void {
  for (const unit of units) {
    unit.resume().catch((error: unknown) => {
      log.error({ unit: unit.status().id, error }, "a Telegraf unit cannot be taken up");
    });
  }
}

function known(units: ReadonlyMap<string, Unit>, unitId: string): Unit {
  const unit = units.get(unitId);
  if (unit === undefined) throw new AppError("not_found", { at: unitId, message: "there is no such Telegraf unit" });
  return unit;
}

/** A folder's name on every system. */
function isUnitId(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,100}$/.test(text);
}

function repeat(clock: Clock, work: () => void): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(pollMs, () => {
      work();
      next();
    });
  };
  next();
  return () => cancel();
}
