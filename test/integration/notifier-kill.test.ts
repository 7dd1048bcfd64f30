import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NotifierTables } from "#internal/notifier/tables.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { type CaughtRequest, openHttpCatch } from "#test/fixtures/http-catch.ts";
import { until as untilWithin } from "#test/fixtures/until.ts";

const program = join(import.meta.dirname, "../fixtures/notifier-child.ts");

/** A child is a whole node: on a busy machine it needs seconds to start. */
const until = <T>(condition: () => T) => untilWithin(condition, 40_000);
const testTimeoutMs = 120_000;

/** Alert → delivery ids that were seen for it. */
function deliveries(requests: readonly CaughtRequest[]): Map<string, Set<unknown>> {
  const seen = new Map<string, Set<unknown>>();
  for (const { body, headers } of requests) {
    const name: string = JSON.parse(body).alerts[0].labels.alertname;
    seen.set(name, (seen.get(name) ?? new Set()).add(headers["x-detectviz-delivery"]));
  }
  return seen;
}

describe("notifier, killed with SIGKILL", () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  const children: ChildProcess[] = [];
  const servers: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    database = await openTestDatabase();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const server of servers.splice(0)) await server.close();
    await database.dispose();
  });

  const states = async () =>
    (await database.sql.db<NotifierTables>().selectFrom("notifications").select("state").execute()).map(
      ({ state }) => state,
    );

  function start(url: string, prefix: string, count: number) {
    const lines: string[] = [];
    const argv = [
      "--disable-warning=ExperimentalWarning",
      program,
      JSON.stringify(database.place),
      url,
      prefix,
      String(count),
    ];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    child.stdout.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trimEnd().split("\n")));
    const kill = () =>
      new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      });
    return { lines, kill };
  }

  it(
    "between sending and recording: sends again, with the same delivery id",
    async () => {
      let answering = false;
      const server = await openHttpCatch(() => (answering ? { status: 200 } : undefined));
      servers.push(server);
      const first = start(server.url, "a", 1);
      await until(() => server.requests.length === 1);
      await first.kill();
      answering = true;
      const second = start(server.url, "b", 0);
      await until(() => second.lines.includes("ready") && server.requests.length === 2);
      expect(deliveries(server.requests).get("a-0")?.size).toBe(1);
      await until(async () => (await states()).join() === "sent");
      await second.kill();
      const third = start(server.url, "c", 0);
      await until(() => third.lines.includes("ready"));
      expect(server.requests).toHaveLength(2);
    },
    testTimeoutMs,
  );

  it(
    "at any point: everything that was committed arrives, each under one delivery id",
    async () => {
      const server = await openHttpCatch();
      servers.push(server);
      const committed: string[] = [];
      for (const [round, killAfter] of [1, 7, 20].entries()) {
        const child = start(server.url, `r${round}`, 1000);
        await until(() => child.lines.length >= killAfter);
        await child.kill();
        committed.push(...child.lines);
      }
      start(server.url, "last", 0);
      const missing = () => committed.filter((id) => !deliveries(server.requests).has(id));
      await until(() => missing().length === 0);
      expect(committed.length).toBeGreaterThan(20);
      for (const [id, ids] of deliveries(server.requests)) expect([id, ids.size]).toEqual([id, 1]);
    },
    testTimeoutMs,
  );
});
