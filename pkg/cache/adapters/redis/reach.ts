import { startDeadline } from "#pkg/clock/deadline.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { RedisClient, RedisLink } from "#pkg/redis/client.ts";
import type { Cache } from "../../port.ts";

/** A cache that takes longer than this costs more than it gives. */
const answerWithinMs = 250;
const late = Symbol("late");

/** The server for as long as it answers quickly. */
export interface Reach {
  /** Undefined when the server is away, slow or refuses. A full server reads and does not write: each has its own fault. */
  ask<R>(kind: "read" | "write", work: (client: RedisClient) => Promise<R>): Promise<{ answer: R } | undefined>;
  health: Cache["health"];
}

/** After one answer that was late nobody waits again, until the server has answered a ping. */
export function createReach(link: RedisLink, clock: Clock): Reach {
  let isSlow = false;
  const faults = new Map<string, { detail: string; sinceMs: number }>();

  const onFault = (kind: string, detail: string) => {
    faults.set(kind, { detail, sinceMs: faults.get(kind)?.sinceMs ?? clock.now() });
  };
  const onLate = () => {
    onFault("late", `no answer within ${answerWithinMs} ms`);
    if (isSlow) return;
    isSlow = true;
    const end = () => {
      isSlow = false;
      faults.delete("late");
    };
    link.client.ping().then(end, end); // rejected: the connection is gone, which the link's own fault says
  };

  return {
    async ask(kind, work) {
      if (link.fault() || isSlow) return undefined;
      try {
        const answer = await within(answerWithinMs, work(link.client));
        if (answer !== late) {
          faults.delete(kind);
          return { answer };
        }
        onLate();
      } catch (error) {
        if (!link.fault()) onFault(kind, messageOf(error));
      }
      return undefined;
    },
    health() {
      const away = link.fault();
      if (away) return degraded(away.error.message, away.sinceMs);
      const [fault] = faults.values();
      if (fault) return degraded(`${link.at}: ${fault.detail}`, fault.sinceMs);
      return { status: "ok", detail: `${link.at} answers` };
    },
  };
}

/** The work's result, or `late`; what it throws after that is heard by nobody. */
async function within<R>(timeoutMs: number, work: Promise<R>): Promise<R | typeof late> {
  const timeout = Promise.withResolvers<typeof late>();
  const deadline = startDeadline(timeoutMs, () => timeout.resolve(late));
  return Promise.race([work, timeout.promise]).finally(deadline.cancel);
}

function degraded(detail: string, sinceMs: number): ReturnType<Cache["health"]> {
  return { status: "degraded", detail: `nothing is cached since ${new Date(sinceMs).toISOString()}: ${detail}` };
}
