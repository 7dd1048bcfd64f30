/** What can go wrong on purpose. */
export const faultNames = ["over_current", "on_battery", "high_temperature", "silent"] as const;
export type FaultName = (typeof faultNames)[number];

/** One fault of one device, from `startedAt` until `endsAt` (UTC ms). */
export interface Fault {
  device: string;
  fault: FaultName;
  startedAt: number;
  endsAt: number;
}

export interface Faults {
  /** The device's fault at this time. */
  at(device: string, nowMs: number): Fault | undefined;
  /** Starts a fault now. Throws `RangeError` when the device or the fault is not known. */
  trigger(device: string, fault: FaultName, durationMs?: number): Fault;
  /** What each device can suffer, and the newest faults, newest first. */
  list(): { possible: readonly PossibleFault[]; recent: readonly Fault[] };
  close(): void;
}

export interface PossibleFault {
  device: string;
  fault: FaultName;
}

const firstAfterMs = 45_000;
const everyMs = 90_000;
const defaultDurationMs = 45_000;
const keptFaults = 50;

/** Starts one fault about every 90 s, the first after 45 s: an over-current, then one of each kind in turn. */
export function createFaults(deps: {
  possible: readonly PossibleFault[];
  now: () => number;
  random: () => number;
  /** Whether faults come by themselves. */
  automatic: boolean;
}): Faults {
  const { possible, now, random } = deps;
  let recent: Fault[] = [];
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;

  const trigger: Faults["trigger"] = (device, fault, durationMs = defaultDurationMs) => {
    if (!possible.some((one) => one.device === device && one.fault === fault)) {
      throw new RangeError(`the device "${device}" knows no fault "${fault}"; GET /faults lists what is possible`);
    }
    const started: Fault = { device, fault, startedAt: now(), endsAt: now() + durationMs };
    recent = [started, ...recent].slice(0, keptFaults);
    return started;
  };
  const startNext = () => {
    const kind = faultNames[turn++ % faultNames.length];
    const choices = possible.filter((one) => one.fault === kind);
    const choice = choices[Math.floor(random() * choices.length)];
    if (choice) trigger(choice.device, choice.fault);
    timer = setTimeout(startNext, everyMs * (0.9 + random() / 5));
  };
  if (deps.automatic) timer = setTimeout(startNext, firstAfterMs);

  return {
    at: (device, nowMs) =>
      recent.find((fault) => fault.device === device && fault.startedAt <= nowMs && nowMs < fault.endsAt),
    trigger,
    list: () => ({ possible, recent }),
    close: () => clearTimeout(timer),
  };
}
