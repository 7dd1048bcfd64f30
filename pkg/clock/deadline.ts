/** A timer that is so late was held up by other work of this process, or by a machine that was suspended. */
const stoodStillMs = 50;

/** Somebody who is waited for. */
export interface Deadline {
  /** It begins anew: there was a sign of life. */
  renew(): void;
  cancel(): void;
}

/**
 * Calls back when somebody has not answered within `timeoutMs`. A timer that comes far too late shows that this process
 * stood still, not the one who is waited for: then that one has its time once more.
 */
export function startDeadline(timeoutMs: number, onLate: () => void): Deadline {
  let dueAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    clearTimeout(timer);
    dueAt = performance.now() + timeoutMs;
    timer = setTimeout(() => (performance.now() - dueAt < stoodStillMs ? onLate() : grant()), timeoutMs);
  };
  const grant = () => {
    timer = setTimeout(onLate, timeoutMs);
  };
  begin();
  return { renew: begin, cancel: () => clearTimeout(timer) };
}
