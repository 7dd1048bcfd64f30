import { messageOf } from "#pkg/errors/errors.ts";

/** What was opened, so that it is closed in reverse order; register on the line after the thing is made. */
export interface Teardown {
  /** Registers how `thing` ends and hands it back. */
  add<T>(name: string, thing: T, close: (thing: T) => Promise<void> | void): T;
  /** Closes all, last made first, also when one of them fails; then throws what failed, together. */
  run(): Promise<void>;
  /** Closes all because of `error`, and throws that: what fails meanwhile is told, for mostly it follows from it. */
  runAfter(error: unknown, tell: (failure: string) => void): Promise<never>;
}

/** Ends things in reverse order of their making, each at most once. */
export function createTeardown(): Teardown {
  const steps: { name: string; close: () => Promise<void> | void }[] = [];
  const closeAll = async () => {
    const failures: Error[] = [];
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await step.close();
      } catch (error) {
        failures.push(new Error(`closing ${step.name} failed`, { cause: error }));
      }
    }
    return failures;
  };
  return {
    add(name, thing, close) {
      steps.push({ name, close: () => close(thing) });
      return thing;
    },
    async run() {
      const failures = await closeAll();
      if (failures.length > 0)
        throw new AggregateError(failures, failures.map((failure) => failure.message).join("; "));
    },
    async runAfter(error, tell) {
      for (const { message, cause } of await closeAll()) tell(`${message}: ${messageOf(cause)}`);
      throw error;
    },
  };
}
