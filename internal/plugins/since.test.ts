import { expect, it } from "vitest";
import type { PluginReport } from "./contract.ts";
import { createSince } from "./since.ts";

const report: PluginReport = {
  kind: "notifier",
  id: "chat",
  version: "1.0.0",
  source: "/plugins/chat",
  state: "enabled",
  reason: null,
};

it("says since when a plugin is as it is, from the table at first and from its own eyes then", () => {
  let now = 5000;
  const since = createSince(() => now);
  expect(since(report, 1000)).toBe(1000);
  now = 6000;
  expect(since(report, 1000)).toBe(1000);
  expect(since({ ...report, state: "off", reason: "it threw" }, 1000)).toBe(6000);
  now = 7000;
  expect(since(report, 1000)).toBe(7000);
  expect(since({ ...report, id: "other" }, undefined)).toBe(7000);
});
