import { describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { RemoteReader, RemoteSeries, TimeRange } from "#pkg/metricstores/port.ts";
import type { MatrixItem } from "./contract.ts";
import { createHistory } from "./history.ts";

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 0, 31, 12);
/** The day in which ten days of retention end. */
const boundaryMs = Date.UTC(2026, 0, 21);
const labels = { __name__: "pdu_current", room: "R1" };
const minuteMs = 60_000;

/** Every minute one sample whose value says who answered. */
const everyMinute = ({ fromMs, toMs }: TimeRange, stepMs: number, value: number): RemoteSeries => {
  const timeMs = Float64Array.from({ length: Math.floor((toMs - fromMs) / stepMs) + 1 }, (_, i) => fromMs + i * stepMs);
  return { labels, timeMs, value: timeMs.map(() => value) };
};

const create = (store: Partial<RemoteReader> | undefined, retentionMs: number | null = 10 * dayMs) => {
  const own: [number, number][] = [];
  const history = createHistory({
    clock: createFakeClock(nowMs),
    retentionMs: () => retentionMs,
    reader: () =>
      store && { read: async () => [], series: async () => [], ...store, name: "vm1", address: "http://vm" },
    metrics: {
      async queryRange(_expression, startMs, endMs, stepMs): Promise<MatrixItem[]> {
        own.push([startMs, endMs]);
        return [everyMinute({ fromMs: startMs, toMs: endMs }, stepMs, 2)];
      },
    },
  });
  return { history, own };
};
const promql: Partial<RemoteReader> = { evaluate: async (_, range, stepMs) => [everyMinute(range, stepMs, 1)] };

describe("older samples", () => {
  it("are joined at one step, none twice and none missing", async () => {
    const { history, own } = create(promql);
    const answer = await history.range("pdu_current", boundaryMs - 10 * minuteMs, boundaryMs + 10 * minuteMs, minuteMs);
    const [item] = answer?.items ?? [];
    expect([...(item?.timeMs ?? [])]).toEqual(Array.from({ length: 21 }, (_, i) => boundaryMs + (i - 10) * minuteMs));
    // The window of a selector is 5 min: with it a step is asked where all of it is.
    expect([...(item?.value ?? [])]).toEqual([...new Array(15).fill(1), ...new Array(6).fill(2)]);
    expect(own).toEqual([[boundaryMs + 5 * minuteMs, boundaryMs + 10 * minuteMs]]);
    expect(answer?.warnings).toEqual([]);
  });

  it("are not asked for when the node has all, when it keeps all, or when no store is named", async () => {
    const range = ["pdu_current", nowMs - dayMs, nowMs, minuteMs] as const;
    expect(await create(promql).history.range(...range)).toBeUndefined();
    expect(await create(promql, null).history.range("pdu_current", nowMs - 100 * dayMs, nowMs, dayMs)).toBeUndefined();
    expect(await create(undefined).history.range("pdu_current", nowMs - 100 * dayMs, nowMs, dayMs)).toBeUndefined();
  });

  it("are said to be missing when the store cannot be asked", async () => {
    const evaluate = () => Promise.reject(new AppError("unavailable", { message: "connect ECONNREFUSED" }));
    const { history } = create({ evaluate });
    const answer = await history.range("pdu_current", boundaryMs - minuteMs, boundaryMs + 9 * minuteMs, minuteMs);
    expect(answer?.items[0]?.timeMs).toHaveLength(5);
    expect(answer?.warnings).toEqual([
      "vm1 at http://vm cannot be asked (connect ECONNREFUSED): what it has from 2026-01-20T23:59:00.000Z to 2026-01-21T00:04:00.000Z is missing here",
    ]);
  });

  it("are sampled at the steps here where the store speaks no PromQL, and other forms are said to be missing", async () => {
    const read = async () => [{ labels, timeMs: Float64Array.of(boundaryMs - 90_000), value: Float64Array.of(7) }];
    const { history } = create({ read });
    const plain = await history.range("pdu_current", boundaryMs - 3 * minuteMs, boundaryMs - minuteMs, minuteMs);
    expect([...(plain?.items[0]?.timeMs ?? [])]).toEqual([boundaryMs - minuteMs]);
    const mean = await history.range("avg by (room) (pdu_current)", boundaryMs - minuteMs, boundaryMs, minuteMs);
    expect(mean).toMatchObject({ items: [], warnings: [expect.stringContaining("InfluxQL")] });
  });
});
