import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { soon, until } from "#test/fixtures/until.ts";

const hook = new URL("../fixtures/shift-clock.ts", import.meta.url).pathname;
const environment = { TELEGRAF_BIN: "", PATH: "/nonexistent", NODE_OPTIONS: `--import=${hook}` };

describe("a node whose clock goes back by an hour", { timeout: 120_000 }, () => {
  let webhook: Awaited<ReturnType<typeof openHttpCatch>>;
  let node: NodeProcess;
  beforeAll(async () => {
    webhook = await openHttpCatch();
    const config = `[[rules]]
name = "Hot"
condition = "room_temperature > 30"
level = "warning"
[[contacts]]
name = "Duty"
channels = [{ type = "webhook", url = "${webhook.url}" }]
`;
    node = await openNode({ config, environment });
  });
  afterAll(async () => {
    await node?.close();
    await webhook?.close();
  });

  it("says so once, in log and health, and goes on judging", async () => {
    await node.write("room,device=a temperature=41\n");
    await until(() => webhook.requests.length === 1);
    process.kill(node.pid(), "SIGUSR2");
    const part = async () => (await node.api("GET", "/api/health")).body.parts.clock;
    await until(async () => (await part()).status === "degraded");
    expect(await part()).toMatchObject({ detail: expect.stringMatching(/clock went back by 3600 s.*time service/) });
    await node.write("room,device=a temperature=20\n"); // an hour "older" than the first
    await until(() => webhook.requests.length === 2);
    expect(JSON.parse(webhook.requests[1]?.body ?? "{}")).toMatchObject({ status: "resolved" });
    await soon(() => expect(node.log().match(/clock went back;/g)).toHaveLength(1));
  });
});
