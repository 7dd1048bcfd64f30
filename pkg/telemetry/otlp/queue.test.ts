import { afterEach, describe, expect, it, vi } from "vitest";
import { createExportQueue, RefusedBatch } from "./queue.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A queue to a side that answers as `answer` says, with time moved by hand. */
function openQueue(answer: { error?: Error }) {
  vi.useFakeTimers();
  const sent: number[][] = [];
  const told = { dropped: 0, problems: [] as (string | undefined)[] };
  const queue = createExportQueue<number>({
    async send(batch) {
      if (answer.error) throw answer.error;
      sent.push([...batch]);
    },
    onDropped(count) {
      told.dropped += count;
    },
    onProblem: (problem) => told.problems.push(problem),
  });
  return { queue, sent, told };
}

describe("the way to a collector", () => {
  it("gathers for a second, and sends a full batch at once", async () => {
    const { queue, sent } = openQueue({});
    queue.push(1);
    queue.push(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([[1, 2]]);
    for (let item = 0; item < 600; item++) queue.push(item);
    await vi.advanceTimersByTimeAsync(10);
    expect(sent.map((batch) => batch.length)).toEqual([2, 256, 256]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent.at(-1)).toHaveLength(88);
  });

  it("keeps 2,048 while the collector is away, drops and counts the rest, and goes on when it is back", async () => {
    const answer: { error?: Error } = { error: new Error("http://c:4318/v1/traces: ECONNREFUSED") };
    const { queue, sent, told } = openQueue(answer);
    for (let item = 0; item < 3000; item++) queue.push(item);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(queue.waiting()).toBe(2048);
    expect(told).toEqual({ dropped: 952, problems: ["http://c:4318/v1/traces: ECONNREFUSED"] });
    delete answer.error;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.flat()).toEqual(Array.from({ length: 2048 }, (_, item) => item));
    expect(told.problems).toEqual([expect.any(String), undefined]);
  });

  it("drops what is refused for good, so that the next gets its turn", async () => {
    const answer: { error?: Error } = { error: new RefusedBatch("400") };
    const { queue, sent, told } = openQueue(answer);
    queue.push(1);
    await vi.advanceTimersByTimeAsync(1000);
    delete answer.error;
    queue.push(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect({ sent, dropped: told.dropped }).toEqual({ sent: [[2]], dropped: 1 });
  });

  it("sends what waits when it is closed, and counts what the other side did not take", async () => {
    const { queue, sent } = openQueue({});
    for (let item = 0; item < 300; item++) queue.push(item);
    await queue.close();
    expect(sent.flat()).toHaveLength(300);
    const away = openQueue({ error: new Error("away") });
    away.queue.push(1);
    await away.queue.close();
    away.queue.push(2);
    expect(away.told).toEqual({ dropped: 2, problems: ["away"] });
  });
});
