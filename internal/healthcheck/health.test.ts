import { describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { PartHealth } from "./contract.ts";
import { createHealth } from "./health.ts";

describe("health", () => {
  it("is as bad as its worst part and keeps since when", async () => {
    const clock = createFakeClock(1000);
    const changes: string[] = [];
    const health = createHealth({ clock, onChange: (part, from, to) => changes.push(`${part} ${from} ${to.status}`) });
    let bus: PartHealth = { status: "ok", detail: "" };
    health.register("sql", () => ({ status: "ok", detail: "" }));
    health.register("bus", () => bus);
    clock.advance(2000);
    expect((await health.report()).status).toBe("ok");
    clock.advance(3000);
    bus = { status: "degraded", detail: "lags" };
    const report = await health.report();
    expect(report.status).toBe("degraded");
    expect(report.parts).toEqual({
      sql: { status: "ok", detail: "", since: 1000 },
      bus: { status: "degraded", detail: "lags", since: 6000 },
    });
    expect(changes).toEqual(["bus ok degraded"]);
  });

  it("calls a part down whose check throws", async () => {
    const health = createHealth({ clock: createFakeClock(), onChange: () => undefined });
    health.register("tsdb", () => {
      throw new Error("disk gone");
    });
    expect((await health.report()).parts["tsdb"]).toEqual({ status: "down", detail: "disk gone", since: 0 });
  });

  it("calls a part down that does not answer, once for all who ask, and keeps no other part back", async () => {
    const clock = createFakeClock();
    const health = createHealth({ clock, onChange: () => undefined });
    const answers: ((health: PartHealth) => void)[] = [];
    health.register("sql", () => new Promise((resolve) => answers.push(resolve)));
    health.register("bus", () => ({ status: "ok", detail: "" }));
    const late = Promise.all([health.report(), health.report()]);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(4000);
    expect((await late).map(({ parts }) => [parts["sql"]?.detail, parts["bus"]?.status])).toEqual([
      ["no answer within 4 s", "ok"],
      ["no answer within 4 s", "ok"],
    ]);
    const next = health.report();
    expect(answers.length).toBe(1);
    answers[0]?.({ status: "ok", detail: "answers" });
    expect((await next).parts["sql"]?.detail).toBe("answers");
  });

  it("refuses a second part of the same name, takes it again after its end", () => {
    const health = createHealth({ clock: createFakeClock(), onChange: () => undefined });
    const check = (): PartHealth => ({ status: "ok", detail: "" });
    const undo = health.register("a", check);
    expect(() => health.register("a", check)).toThrow('"a" is registered already');
    undo();
    expect(() => health.register("a", check)).not.toThrow();
  });
});
