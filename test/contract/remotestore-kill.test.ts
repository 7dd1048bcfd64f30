import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hasInfluxDb, openInfluxDb, withInfluxDb } from "#test/fixtures/influxdb.ts";
import { until } from "#test/fixtures/until.ts";

const child = join(import.meta.dirname, "remotestore.child.ts");
const runs = 4;

it.skipIf(!hasInfluxDb)(
  withInfluxDb("a node that is killed while it forwards brings every sample it acknowledged"),
  async () => {
    const server = await openInfluxDb();
    await server.query('create database "site"');
    const folder = mkdtempSync(join(tmpdir(), "detectviz-forward-kill-"));
    const t0 = Date.now() - 3_600_000;
    let acknowledged = -1;
    const held = async () => {
      const answer = await server.query('select count("n"), min("n"), max("n") from "kill"', "site");
      const { results } = answer as { results: { series?: { values: number[][] }[] }[] };
      return results[0]?.series?.[0]?.values[0]?.slice(1) ?? [];
    };
    const run = async (isDone: () => Promise<boolean>) => {
      const node = spawn(process.execPath, [child, folder, server.url, String(t0), String(acknowledged + 1)]);
      let rest = "";
      node.stdout.on("data", (chunk) => {
        const lines = `${rest}${chunk}`.split("\n");
        rest = lines.pop() ?? "";
        if (lines.length > 0) acknowledged = Number(lines.at(-1));
      });
      const errors: string[] = [];
      node.stderr.on("data", (chunk) => void errors.push(String(chunk)));
      const exited = once(node, "close"); // what it said has been read by then
      await until(isDone, 60_000).catch((error) => expect.fail(`${error}\n${errors.join("")}`));
      node.kill("SIGKILL");
      await exited;
    };
    try {
      for (let n = 0; n < runs; n++) {
        const before = acknowledged;
        const startMs = performance.now();
        await run(async () => acknowledged > before + 100 && performance.now() - startMs > 1200 + n * 333);
      }
      const mine = acknowledged;
      await run(async () => ((await held())[2] ?? -1) >= mine + 1);
      const [count, least, most] = await held();
      expect(least).toBe(0);
      expect(most).toBeGreaterThan(mine);
      // Numbers are times: none is missing, and one that came twice counts once.
      expect(count).toBe((most ?? 0) + 1);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
