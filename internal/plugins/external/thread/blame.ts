/** Tells the faults of the world (a network, a caller that gave up) from those of the plugin. */
export interface Blame {
  /** An error that the host's own service threw. */
  toWorld(message: string): Error;
  isWorld(error: unknown): boolean;
}

const deepest = 5;

/** An error is the world's when it, or what caused it, is a host's refusal, an abort, or a failed system call. */
export function createBlame(): Blame {
  const refusals = new WeakSet<Error>();
  const isWorld = (error: unknown, depth = 0): boolean => {
    if (!(error instanceof Error) || depth > deepest) return false;
    if (refusals.has(error) || error.name === "AbortError" || error.name === "TimeoutError") return true;
    if (isSystemError(error)) return true;
    if (error instanceof AggregateError) return error.errors.some((one) => isWorld(one, depth + 1));
    return isWorld(error.cause, depth + 1);
  };
  return {
    toWorld(message) {
      const error = new Error(message);
      refusals.add(error);
      return error;
    },
    isWorld: (error) => isWorld(error),
  };
}

/** Node's errors of sockets and names carry a system call; those of `fetch` a code of its own. */
function isSystemError(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === "string" && (typeof syscall === "string" || code.startsWith("UND_ERR_"));
}
