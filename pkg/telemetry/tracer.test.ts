import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { EndedSpan } from "./span.ts";
import { isChosen, parseTraceparent } from "./trace-context.ts";
import { createTracer } from "./tracer.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const sent = `00-${traceId}-00f067aa0ba902b7-01`;

function openListened() {
  const tracer = createTracer();
  const ended: EndedSpan[] = [];
  tracer.setSampling(1);
  tracer.onEnd((span) => ended.push(span));
  return { tracer, ended };
}

describe("traces", () => {
  it("goes on in everything that is awaited, and nowhere else", async () => {
    const tracer = createTracer();
    const inner = await tracer.inSpan("outer", {}, async (outer) => {
      await wait(1);
      const child = tracer.startSpan("child");
      expect(tracer.active()).toBe(outer);
      expect(child.context.traceId).toBe(outer.context.traceId);
      expect(child.context.spanId).not.toBe(outer.context.spanId);
      return tracer.traceparent();
    });
    expect(inner).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(tracer.active()).toBeUndefined();
    expect(tracer.traceparent()).not.toContain(inner.slice(3, 35));
  });

  it("takes a trace over from who caused the work, with its decision to sample", () => {
    const { tracer, ended } = openListened();
    tracer.setSampling(0);
    tracer.inSpan("handle", { parent: sent, kind: "consumer" }, () => undefined);
    tracer.inSpan("own", {}, () => undefined);
    expect(ended.map(({ name }) => name)).toEqual(["handle"]);
    expect(ended[0]).toMatchObject({ context: { traceId, sampled: true }, parentSpanId: "00f067aa0ba902b7" });
  });

  it.each([
    ["no text", null],
    ["another form", "00-abc-def-01"],
    ["a trace id of zeros", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
    ["a span id of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["version ff", `ff-${traceId}-00f067aa0ba902b7-01`],
    ["more after version 00", `${sent}-more`],
    ["upper case", sent.toUpperCase()],
  ])("starts a trace of its own for a traceparent with %s", (_what, parent) => {
    expect(parseTraceparent(parent)).toBeUndefined();
    expect(createTracer().startSpan("a", { parent }).context.traceId).not.toBe(traceId);
  });

  it("reads a later version as far as version 00 goes", () => {
    expect(parseTraceparent(`01-${traceId}-00f067aa0ba902b7-01-more`)).toMatchObject({ traceId, sampled: true });
  });

  it("tells a span with its attributes, events and failure, once", async () => {
    const { tracer, ended } = openListened();
    const failing = tracer.inSpan("work", { attributes: { a: 1 } }, async (span) => {
      span.setAttributes({ b: true });
      span.addEvent("half way", { step: 2 });
      throw new Error("no disk");
    });
    await expect(failing).rejects.toThrow("no disk");
    expect(() => tracer.inSpan("sync", {}, () => [].at(0) ?? fail())).toThrow("at once");
    expect(ended).toHaveLength(2);
    expect(ended[0]).toMatchObject({ name: "work", attributes: { a: 1, b: true }, error: "no disk" });
    expect(ended[0]?.events).toMatchObject([{ name: "half way", attributes: { step: 2 } }]);
    expect(ended[0]?.endMs).toBeGreaterThanOrEqual(ended[0]?.startMs ?? Number.NaN);
  });

  it("keeps a bound on events, and an ended span as it is", () => {
    const { tracer, ended } = openListened();
    const span = tracer.startSpan("many");
    for (let event = 0; event < 200; event++) span.addEvent("again");
    span.end();
    span.end();
    expect(ended).toHaveLength(1);
    expect(ended[0]?.events).toHaveLength(100);
  });

  it("samples about the share that is asked for, by the id alone", () => {
    const ids = Array.from({ length: 2000 }, () => createTracer().startSpan("a").context.traceId);
    const chosen = ids.filter((id) => isChosen(id, 0.25));
    expect(chosen.length).toBeGreaterThan(350);
    expect(chosen.length).toBeLessThan(650);
    expect(chosen.every((id) => isChosen(id, 0.5))).toBe(true);
    expect([isChosen("f".repeat(32), 1), isChosen("0".repeat(32), 0)]).toEqual([true, false]);
  });
});

function fail(): never {
  throw new Error("at once");
}
