import { expect, it } from "vitest";
import { createRandom } from "../fixtures/random.ts";
import { checkDamagedStore, makeStore } from "./store.ts";

const times = Number(process.env["FUZZ_STORES"] ?? 40);

it(`a store with one damaged file answers rightly or says what is missing, ${times} times`, {
  timeout: Math.max(120_000, times * 3000),
}, async () => {
  const seed = Math.floor(Math.random() * 1e6);
  const store = await makeStore(createRandom(seed));
  const failures: string[] = [];
  try {
    for (let at = seed; at < seed + times; at++) {
      await checkDamagedStore(store, createRandom(at)).catch((error: unknown) =>
        failures.push(`seed ${at}: ${error instanceof Error ? error.stack : error}`),
      );
    }
  } finally {
    store.close();
  }
  expect(failures).toEqual([]);
});
