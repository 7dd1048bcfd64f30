import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanEnvironment, detectviz, entry } from "#test/fixtures/command.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact, withoutTelegraf } from "./config.ts";
import { addDeadLetter } from "./dead-letter.ts";
import { loadRule } from "./shift.ts";
import { heard } from "./webhook.ts";

const unknownId = "019b7a3c-1111-7000-8000-000000000000";

describe("detectviz events", { timeout: 120_000 }, () => {
  let node: NodeProcess;
  let hook: Awaited<ReturnType<typeof openHttpCatch>>;
  beforeAll(async () => {
    hook = await openHttpCatch();
    node = await openNode({ config: siteConfig(webhookContact(hook.url) + loadRule), environment: withoutTelegraf });
    await node.write("x,device=a,name=a load=20");
    await until(() => heard(hook).length > 0);
    await addRule("first");
  });
  afterAll(async () => {
    await node?.close();
    await hook?.close();
  });

  const addRule = (name: string) =>
    node.api("POST", "/api/v1/rules", { name, condition: "y_load > 1", level: "info" }).then(({ body }) => body.id);
  const events = async (...args: string[]) => {
    const { code, stdout, stderr } = await node.run("events", ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  };
  const asJson = async (...args: string[]) => JSON.parse(await events(...args, "--json"));
  const audited = async (action: string) =>
    (await node.api("GET", "/api/v1/audit")).body.items.filter((one: { action: string }) => one.action === action);

  it("groups: a line for each, with what waits", async () => {
    // The hook has heard of it before the group has noted so.
    await soon(async () =>
      expect(await events("groups")).toMatch(/^notifier {2}0 waiting, 0 dead letters, 0 too old$/m),
    );
    const { items } = await asJson("groups");
    expect(items).toContainEqual({
      name: "notifier",
      types: expect.arrayContaining(["alert.opened", "alert.closed"]),
      lag: 0,
      expired: 0,
      dead_letters: 0,
      subscribed: true,
    });
  });

  it("dead-letters, resend, drop: lists them on one line each, hands one out again, forgets another", async () => {
    expect(await events("dead-letters")).toBe("no dead letters\n");
    const [one, other] = [addDeadLetter(node.dataFolder, "autodeploy"), addDeadLetter(node.dataFolder, "autodeploy")];
    const lines = (await events("dead-letters")).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`^autodeploy {2}${one} .* 8 attempts, last .*would not take it"$`));
    const { items } = await asJson("dead-letters", "--group", "autodeploy");
    expect(items.map(({ event }: { event: { id: string } }) => event.id)).toEqual([one, other]);
    expect(items[0]).toMatchObject({ group: "autodeploy", attempts: 8, resent_at: null });
    expect(await asJson("dead-letters", "--group", "notifier")).toEqual({ items: [] });
    expect(await events("resend", "autodeploy", one)).toContain("on its way to autodeploy again");
    await until(async () => (await asJson("dead-letters")).items.length === 1);
    expect(await asJson("drop", "autodeploy", other)).toEqual({ group: "autodeploy", id: other });
    expect(await events("dead-letters")).toBe("no dead letters\n");
    expect(await audited("event.resend")).toMatchObject([{ target: `autodeploy/${one}` }]);
    expect(await audited("event.drop")).toMatchObject([{ target: `autodeploy/${other}` }]);
  });

  it("replay: the group gets what is kept again, and tells nobody twice", async () => {
    const before = heard(hook).length;
    expect(await events("replay", "notifier", "--from-time", "2026-01-01T00:00:00Z")).toMatch(
      /^notifier: [1-9]\d* events come again\n$/,
    );
    await until(async () => (await asJson("groups")).items.every(({ lag }: { lag: number }) => lag === 0));
    expect(await asJson("replay", "notifier", "--from-time", new Date(Date.now() + 60_000).toISOString())).toEqual({
      group: "notifier",
      events: 0,
    });
    await node.write("x,device=a,name=a load=5");
    await until(() => heard(hook).length > before);
    expect(heard(hook).map(({ status }) => status)).toEqual(["firing", "resolved"]);
  });

  it("tail: first what came after an id, then what happens, until it is stopped", async () => {
    const seen = await readTail(2, "--types", "rule.changed");
    for (const line of seen)
      expect(line).toMatch(/^\d{4}-.*Z {2}rule\.changed {2}"[0-9a-f-]{36}" {2}\{.* {2}[0-9a-f-]{36}$/);
    const [first = "", second] = seen.map((line) => line.slice(-36));
    const again = await readTail(2, "--types", "rule.changed", "--from-id", first, "--json");
    const told = again.map((line) => JSON.parse(line) as { id: string });
    expect(told[0]).toMatchObject({ id: second, type: "rule.changed", data: { change: "created" } });
    expect(told[1]?.id).not.toBe(second);
  });

  it("refuses what is not there or not said, with 1 and the mend; wrong use with 2; --help with 0", async () => {
    const refused = async (...args: string[]) => {
      const { code, stdout, stderr } = await node.run("events", ...args);
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: "" });
      return stderr;
    };
    expect(await refused("resend", "autodeploy", unknownId)).toMatch(/no dead letter "019b.*\n {2}→ .*dead-letters/);
    expect(await refused("drop", "autodeploy", "x")).toContain("id");
    expect(await refused("replay", "nobody", "--from-time", "2026-01-01T00:00:00Z")).toContain("nobody");
    expect(await refused("replay", "notifier")).toMatch(/from where\?.*\n {2}→ /);
    expect(await refused("replay", "notifier", "--from-time", "yesterday")).toContain("from_time");
    expect(await refused("tail", "--from-id", "x")).toContain("x");
    expect(JSON.parse(await refused("resend", "autodeploy", unknownId, "--json"))).toMatchObject({
      code: "not_found",
      mend: expect.any(String),
    });
    const wrong = [["events"], ["events", "resend", "autodeploy"], ["events", "nonsense"]];
    for (const { code, stderr } of await Promise.all(wrong.map((args) => detectviz(args)))) {
      expect(code).toBe(2);
      expect(stderr).toContain("Usage: detectviz events");
    }
    const names = ["groups", "dead-letters", "resend", "drop", "replay", "tail"];
    const helps = await Promise.all(names.map((name) => detectviz(["events", name, "--help"])));
    for (const [index, { code, stdout }] of helps.entries()) {
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: detectviz events ${names[index]}`);
    }
  });

  it("says that no node runs", async () => {
    await node.kill("SIGTERM");
    for (const args of [["groups"], ["tail"], ["drop", "autodeploy", unknownId]]) {
      const { code, stderr } = await node.run("events", ...args);
      expect([args, code]).toEqual([args, 1]);
      expect(stderr).toMatch(/no node runs over this data folder\n {2}→ start it/);
    }
  });

  /** The first lines of `events tail`, while rules are made. */
  const readTail = async (count: number, ...flags: string[]): Promise<string[]> => {
    const place = ["--config", node.configFile, "--data", node.dataFolder];
    const child = spawn(process.execPath, [...entry, "events", "tail", ...flags, ...place], {
      env: cleanEnvironment(),
    });
    const ended = once(child, "close");
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    const lines = () => text.split("\n").slice(0, -1);
    await until(async () => lines().length >= count || !(await addRule(`tail ${performance.now()}`)), 40_000);
    child.kill("SIGINT");
    await ended;
    return lines().slice(0, count);
  };
});
