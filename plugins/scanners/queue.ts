/** Hands values from callbacks to one `for await`. Unbounded: the producers here are bounded by their own limits. */
export interface Queue<T> extends AsyncIterable<T> {
  push(value: T): void;
  /** No more values; those pushed before are still handed out. An error is thrown to the reader after them. */
  end(error?: unknown): void;
}

/** An empty queue. */
export function createQueue<T>(): Queue<T> {
  const values: T[] = [];
  let ended: { error?: unknown } | null = null;
  let wake: (() => void) | null = null;
  const notify = () => {
    wake?.();
    wake = null;
  };
  return {
    push(value) {
      values.push(value);
      notify();
    },
    end(error) {
      ended = error === undefined ? {} : { error };
      notify();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (values.length > 0) yield values.shift() as T; // not empty: checked on this line
        if (ended && "error" in ended) throw ended.error;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
