/** What was opened, so that it is closed in reverse order; register on the line after the thing is made. */
export interface Teardown {
  /** Registers how `thing` ends and hands it back. */
  add<T>(name: string, thing: T, close: (thing: T) => Promise<void> | void): T;
  /** Closes all, last made first, also when one of them fails; then throws what failed, together. */
  run(): Promise<void>;
}

/** Ends things in reverse order of their making, each at most once. */
export function createTeardown(): Teardown {
  const steps: { name: string; close: () => Promise<void> | void }[] = [];
  return {
    add(name, thing, close) {
      steps.push({ name, close: () => close(thing) });
      return thing;
    },
    async run() {
      const failures: Error[] = [];
      for (let step = steps.pop(); step; step = steps.pop()) {
        try {
          await step.close();
        } catch (error) {
          failures.push(new Error(`closing ${step.name} failed`, { cause: error }));
        }
      }
      if (failures.length > 0)
        throw new AggregateError(failures, failures.map((failure) => failure.message).join("; "));
    },
  };
}
