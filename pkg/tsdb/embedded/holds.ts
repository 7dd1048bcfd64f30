import type { LogPosition } from "#pkg/contracts/samples.ts";
import type { LogHold } from "../port.ts";

/** Who still needs the log, and from where: the judge always, and each that asked for a hold. */
export interface Holds {
  /** The judge's word. */
  release(upTo: LogPosition): void;
  hold(after: LogPosition, onRelease: () => void): LogHold;
  /** Nobody needs what stands up to here. */
  readonly releasedTo: LogPosition;
}

export function createHolds(): Holds {
  let judgedTo: LogPosition = 0;
  const others = new Map<object, LogPosition>();
  return {
    release(upTo) {
      judgedTo = Math.max(judgedTo, upTo);
    },
    hold(after, onRelease) {
      const holder = {};
      others.set(holder, after);
      return {
        release(upTo) {
          const before = others.get(holder);
          if (before === undefined || upTo <= before) return;
          others.set(holder, upTo);
          onRelease();
        },
        end() {
          if (others.delete(holder)) onRelease();
        },
      };
    },
    get releasedTo() {
      return Math.min(judgedTo, ...others.values());
    },
  };
}
