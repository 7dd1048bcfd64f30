import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig, withoutTelegraf } from "./config.ts";

/** The first integer that a float does not hold, the greatest and the least of 64 bits. */
const digits = ["9007199254740993", "9223372036854775807", "-9223372036854775808"];
const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 180_000;

let node: NodeProcess;
beforeAll(async () => {
  node = await openNode({
    config: `${siteConfig()}\n[storage.metrics]\nseal_after = "1s"\n`,
    environment: withoutTelegraf,
  });
});
afterAll(() => node.close());

const ask = async (path: string, query: Record<string, string | number>) => {
  const text = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]));
  return (await node.api("GET", `/api/v1/${path}?${text}`)).body.data?.result ?? [];
};
const instant = async (name: string) => (await ask("query", { query: name })).map(({ value }: never) => value[1]);
const range = async (name: string) => {
  const [first] = await ask("query_range", { query: name, start: startMs / 1000, end: startMs / 1000 + 120, step: 60 });
  return first?.values.map(([, value]: [number, string]) => value);
};
const expectDigits = async () => {
  expect(await range("meter_energy")).toEqual(digits);
  expect(await instant("meter_energy")).toEqual([digits[2]]);
  expect(await instant("pulse_count")).toEqual([digits[0]]);
};
const dayFiles = () => readdirSync(join(node.dataFolder, "tsdb/days")).filter((name) => name.endsWith(".db"));

it("gives back the digits of 64-bit integers: from memory, after a kill, from day files and after a restart", async () => {
  const lines = digits.map((value, i) => `meter,id=1 energy=${value}i ${startMs + i * 60_000}`);
  expect((await node.write([...lines, `pulse count=${digits[0]}i ${startMs + 120_000}`].join("\n"))).status).toBe(204);
  await expectDigits();
  await node.kill();
  await node.start();
  await expectDigits();
  await until(() => dayFiles().length > 0, 60_000);
  await expectDigits();
  await node.kill("SIGTERM");
  await node.start();
  await expectDigits();
}, 120_000);
