import type { NodeProcess } from "#test/fixtures/node-process.ts";
import { until } from "#test/fixtures/until.ts";

/** Where a device listens. */
interface Place {
  address: string;
  port: number;
  key: string;
}

/** Scans one address over REST, with or without deploying, and returns the ended scan. */
export async function scan(node: NodeProcess, { address, port }: Place, more: Record<string, unknown> = {}) {
  const credentials = [{ type: "snmp", version: "1", community: "public" }];
  const request = { ranges: [address], protocols: ["snmp"], ports: { snmp: [port] }, credentials, ...more };
  const started = await node.api("POST", "/api/v1/scans", request);
  if (started.status !== 202) throw new Error(`scan: ${JSON.stringify(started.body)}`);
  return until(async () => {
    const { body } = await node.api("GET", `/api/v1/scans/${started.body.id}`);
    return body.state !== "running" && body;
  }, 20_000);
}

/** Finds and deploys a device without a click, and waits until it is online. */
export async function bringOnline(node: NodeProcess, place: Place, tags: Record<string, string> = {}, more = {}) {
  const run = await scan(node, place, { autodeploy: true, tags, ...more });
  if (run.state !== "done" || run.found.length !== 1) throw new Error(`scan: ${JSON.stringify(run)}`);
  return waitForState(node, run.found[0], "online");
}

/** Waits until a device is in a state and returns it. */
export async function waitForState(node: NodeProcess, id: string, state: string, withinMs = 45_000) {
  let last: unknown;
  return until(async () => {
    const { body } = await node.api("GET", `/api/v1/devices/${id}`);
    last = body;
    return body.state === state && body;
  }, withinMs).catch((error: unknown) => {
    throw new Error(`${error}\n${JSON.stringify(last)}\n${node.log().slice(-3000)}`);
  });
}
