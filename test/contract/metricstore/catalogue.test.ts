import { expect, it } from "vitest";
import type { Matcher } from "#pkg/contracts/samples.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { describeStores, is, t0 } from "./bench.ts";

describeStores("catalogue", (bench) => {
  const { make, reopen, seal } = bench;
  it("gives dense ids, the same for the same series and after a restart", async () => {
    const first = make("current", [["room", "R1"]]);
    const second = make("current", [["room", "R2"]]);
    expect([first, second, make("current", [["room", "R1"]])]).toEqual([0, 1, 0]);
    expect(make("current", [["room", "R1"]], "int")).toBe(2);
    await bench.store.append(batchOf([first, t0, 1]));
    await reopen();
    expect(make("current", [["room", "R2"]])).toBe(1);
    expect(make("current", [["room", "R1"]], "int")).toBe(2);
    expect(bench.store.catalogue.describe(0)).toMatchObject({
      measurement: "pdu",
      field: "current",
      kind: "float",
      tags: [["room", "R1"]],
      labels: { __name__: "pdu_current", room: "R1" },
    });
    await seal();
    await reopen();
    expect(bench.store.catalogue.size).toBe(3);
    expect(make("new")).toBe(3);
  });

  it("selects by all four operators; a label that is not there is empty", () => {
    const [a, b, c] = [make("current", [["room", "R1"]]), make("current", [["room", "R22"]]), make("voltage")];
    const select = (...matchers: Matcher[]) => [...bench.store.catalogue.select(matchers)];
    expect(select()).toEqual([a, b, c]);
    expect(select(is("__name__", "pdu_current"))).toEqual([a, b]);
    expect(select(is("room", "R1"))).toEqual([a]);
    expect(select(is("room", ""))).toEqual([c]);
    expect(select({ name: "room", op: "!=", value: "R1" })).toEqual([b, c]);
    expect(select({ name: "room", op: "!=", value: "" })).toEqual([a, b]);
    expect(select({ name: "room", op: "=~", value: "R." })).toEqual([a]);
    expect(select({ name: "room", op: "=~", value: "R1|" })).toEqual([a, c]);
    expect(select({ name: "room", op: "!~", value: "R.*" })).toEqual([c]);
    expect(select({ name: "__name__", op: "=~", value: ".*_volt.*" }, is("room", ""))).toEqual([c]);
    expect(select(is("nowhere", "x"))).toEqual([]);
  });

  it("lists label names and values, for all or for those that fit", () => {
    make("current", [
      ["rack", "K1"],
      ["room", "R1"],
    ]);
    make("voltage", [["room", "R2"]]);
    expect(bench.store.catalogue.labelNames([])).toEqual(["__name__", "rack", "room"]);
    expect(bench.store.catalogue.labelNames([is("room", "R2")])).toEqual(["__name__", "room"]);
    expect(bench.store.catalogue.labelNames([is("room", "R3")])).toEqual([]);
    expect(bench.store.catalogue.labelValues("room", [])).toEqual(["R1", "R2"]);
    expect(bench.store.catalogue.labelValues("room", [is("__name__", "pdu_current")])).toEqual(["R1"]);
    expect(bench.store.catalogue.labelValues("__name__", [is("room", "R2")])).toEqual(["pdu_voltage"]);
  });

  it("writes names as PromQL can read them and loses no label", () => {
    const id = bench.store.catalogue.intern(
      "opc ua",
      [
        ["__name__", "x"],
        ["__proto__", "y"],
        ["a.b", "1"],
        ["a_b", "2"],
      ],
      "Tank.1/level",
      "float",
    );
    expect(bench.store.catalogue.describe(id).labels).toEqual({
      __name__: "opc_ua_Tank_1_level",
      __name___: "x",
      __proto___: "y",
      a_b_: "1",
      a_b: "2",
    });
  });

  it("takes tags for those that they are, whatever is in their names", () => {
    make("current", [["a\u0000b", "1"]]);
    const id = make("current", [
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(bench.store.catalogue.describe(id).labels).toEqual({ __name__: "pdu_current", a: "1", b: "2" });
  });

  it("tells of new series, by id and name, until the listener goes", () => {
    const seen: [id: number, name: string][] = [];
    const stop = bench.store.catalogue.onNew((...series) => seen.push(series));
    make("a");
    make("a");
    stop();
    make("b");
    expect(seen).toEqual([[0, "pdu_a"]]);
  });

  it("refuses series beyond the limit and names the measurement", async () => {
    await reopen({ seriesLimit: 2 });
    make("a");
    make("b");
    expect(() => make("c")).toThrow(/measurement "pdu".*limit of 2/);
    expect(make("a")).toBe(0);
  });
});
