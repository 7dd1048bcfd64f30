import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Health, HealthStatus, PartHealth, PartReport } from "./contract.ts";

/** A part whose check takes longer is down for now: one that hangs must not keep the others' answers back. */
const patienceMs = 4000;

const order: readonly HealthStatus[] = ["ok", "degraded", "down"];

export interface HealthDeps {
  clock: Clock;
  /** Called after a part's status changed. */
  onChange(part: string, from: HealthStatus, to: PartHealth): void;
}

/** Folds every part's health into one answer and remembers since when each is as it is. */
export function createHealth({ clock, onChange }: HealthDeps): Health {
  const checks = new Map<string, () => PartHealth | Promise<PartHealth>>();
  const registeredAt = new Map<string, number>();
  const known = new Map<string, PartReport>();
  const underWay = new Map<string, Promise<PartHealth>>();

  /** One check at a time of each part, however often somebody asks. */
  function ask(part: string, check: () => PartHealth | Promise<PartHealth>): Promise<PartHealth> {
    const asked = underWay.get(part) ?? answerOf(check).finally(() => underWay.delete(part));
    underWay.set(part, asked);
    return orLate(asked, clock);
  }

  async function look(part: string, check: () => PartHealth | Promise<PartHealth>): Promise<PartReport> {
    const now = await ask(part, check);
    const before = known.get(part);
    const began = before ? clock.now() : (registeredAt.get(part) ?? clock.now());
    const report = { ...now, since: before?.status === now.status ? before.since : began };
    known.set(part, report);
    if (before && before.status !== now.status) onChange(part, before.status, now);
    return report;
  }

  return {
    register(part, check) {
      if (checks.has(part)) throw new Error(`part "${part}" is registered already`);
      checks.set(part, check);
      registeredAt.set(part, clock.now());
      return () => {
        checks.delete(part);
        known.delete(part);
      };
    },
    async report() {
      const looks = [...checks].map(async ([part, check]) => [part, await look(part, check)] as const);
      const parts: Record<string, PartReport> = Object.fromEntries(await Promise.all(looks));
      const worst = Math.max(0, ...Object.values(parts).map((report) => order.indexOf(report.status)));
      return { status: order[worst] ?? "down", parts };
    },
  };
}

/** A check that throws says that its part is down. */
async function answerOf(check: () => PartHealth | Promise<PartHealth>): Promise<PartHealth> {
  try {
    return await check();
  } catch (error) {
    return { status: "down", detail: messageOf(error) };
  }
}

function orLate(answer: Promise<PartHealth>, clock: Clock): Promise<PartHealth> {
  const late: PartHealth = { status: "down", detail: `no answer within ${patienceMs / 1000} s` };
  return new Promise((resolve) => {
    const cancel = clock.after(patienceMs, () => resolve(late));
    void answer.then((health) => {
      cancel();
      resolve(health);
    });
  });
}
