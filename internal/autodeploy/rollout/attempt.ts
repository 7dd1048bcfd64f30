import { v7 } from "uuid";
import type { Clock } from "#pkg/clock/port.ts";
import type { Rollout, RolloutState } from "../contract.ts";
import type { Ledger, RolloutAction } from "./ledger.ts";
import type { UnitPlan } from "./plan.ts";
import type { Refusal } from "./proof.ts";

/** One rollout while it happens: each step is in the ledger before the next begins. */
export interface Attempt {
  readonly id: string;
  rollout(): Rollout;
  /** Enters the next state. */
  step(state: RolloutState, detail: string, changes?: Partial<Rollout>): Promise<void>;
  /** Adds to what Telegraf said; kept with the next step. */
  say(output: string | readonly string[]): void;
  refuse(refused: readonly Refusal[]): void;
  /** Enters the last state and returns the record. */
  end(state: "applied" | "failed" | "rolled_back", detail: string): Promise<Rollout>;
}

const outputLimit = 20_000;
/** Four lines a slave at each start, three of them about nothing. */
const saysNothing = /Got 0 request\(s\) touching/;

export interface AttemptOptions {
  ledger: Ledger;
  clock: Clock;
  by: string;
  reason: string;
  action: RolloutAction;
}

/** Opens the record of a rollout, in the state `rendered`. */
export async function openAttempt(
  plan: UnitPlan,
  { ledger, clock, by, reason, action }: AttemptOptions,
): Promise<Attempt> {
  let current: Rollout = toRollout(plan, clock.now(), by, reason);
  const advance = (state: RolloutState, detail: string, changes: Partial<Rollout>) => {
    const steps = [...current.steps, { state, at: clock.now(), detail }];
    current = { ...current, ...changes, state, steps };
    return current;
  };
  const enter = (state: RolloutState, detail: string, changes: Partial<Rollout>) =>
    ledger.save(advance(state, detail, changes));
  await enter("rendered", `${plan.devices.length} devices in ${Object.keys(plan.files).length} files`, {});
  return {
    id: current.id,
    rollout: () => current,
    step: (state, detail, changes = {}) => enter(state, detail, changes),
    say(output) {
      const lines = typeof output === "string" ? output.split("\n") : output;
      const told = lines.filter((line) => !saysNothing.test(line));
      const all = [current.telegrafOutput, ...told].filter(Boolean).join("\n");
      current = { ...current, telegrafOutput: all.slice(-outputLimit) };
    },
    refuse(refused) {
      current = { ...current, refused: [...current.refused, ...refused] };
    },
    async end(state, detail) {
      await ledger.end(advance(state, detail, { detail, endedAt: clock.now() }), action);
      return current;
    },
  };
}

function toRollout(plan: UnitPlan, at: number, by: string, reason: string): Rollout {
  return {
    id: v7(),
    unitId: plan.unitId,
    state: "rendered",
    devices: plan.devices.map((device) => device.key),
    added: plan.added.map((device) => device.key),
    removed: plan.removed,
    refused: [],
    snapshotBefore: null,
    snapshotAfter: null,
    telegrafOutput: "",
    detail: null,
    by,
    reason,
    steps: [],
    startedAt: at,
    endedAt: null,
  };
}
