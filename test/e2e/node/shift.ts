import { setTimeout as wait } from "node:timers/promises";
import type { openHttpCatch } from "#test/fixtures/http-catch.ts";
import type { NodeProcess } from "#test/fixtures/node-process.ts";
import { heardOnce } from "./webhook.ts";

/** TOML of the rule that a shift's devices break. */
export const loadRule = `[[rules]]
name = "Load"
condition = "x_load > 10"
level = "warning"
`;

const [high, low] = [20, 5];
/** So many devices are over the threshold at once. */
const behind = 3;

/** What a node has acknowledged. */
export interface Acknowledged {
  /** `device value`, with when it was sent (`Date.now()`). */
  samples: Map<string, number>;
  rules: string[];
}

/**
 * Work on a node until `stop`: devices whose value goes over the threshold and back, and new rules. What is not
 * acknowledged is tried again; a node that is away is waited for. `await using` ends it with a test that fails.
 */
export function startShift(node: NodeProcess, prefix: string) {
  const acknowledged: Acknowledged = { samples: new Map(), rules: [] };
  let isOver = false;
  let isLeft = false;
  const write = async (number: number, load: number) => {
    const device = `${prefix}${number}`;
    const sentAt = Date.now();
    const answer = await node.write(`x,device=${device},name=${device} load=${load}`).catch(() => undefined);
    if (answer?.status === 204) acknowledged.samples.set(`${device} ${load}`, sentAt);
    return answer?.status === 204;
  };
  const persist = async (number: number, load: number) => {
    while (!(isLeft || (await write(number, load)))) await wait(50);
  };
  const samples = async () => {
    let number = 0;
    for (; !isOver; number++) {
      await persist(number, high);
      if (number >= behind) await persist(number - behind, low);
      await wait(60);
    }
    for (let last = Math.max(0, number - behind); last < number; last++) await persist(last, low);
  };
  const rules = async () => {
    for (let number = 0; !isOver; number++) {
      const rule = { name: `${prefix} ${number}`, condition: `y_load > ${number}`, level: "info" };
      const answer = await node.api("POST", "/api/v1/rules", rule).catch(() => undefined);
      if (answer?.status === 201) acknowledged.rules.push(answer.body.id);
      await wait(250);
    }
  };
  const work = Promise.all([samples(), rules()]);
  /** Lets all values fall, and gives what was acknowledged. */
  const stop = async (): Promise<Acknowledged> => {
    isOver = true;
    await work;
    return acknowledged;
  };
  /** Of a test that failed: nothing is waited for but what is under way, and the node may be gone. */
  const leave = async () => {
    isLeft = true;
    await stop();
  };
  return { acknowledged, stop, [Symbol.asyncDispose]: leave };
}

/** The devices whose alert was not told as begun once and ended once; a repetition of one delivery is none. */
export function notToldOnce({ samples }: Acknowledged, hook: Awaited<ReturnType<typeof openHttpCatch>>) {
  const told = Map.groupBy(heardOnce(hook), ({ labels }) => labels["device"] ?? "");
  const devices = new Set([...samples.keys()].map((key) => key.split(" ")[0] ?? ""));
  return [...devices]
    .map((device) => ({ device, told: (told.get(device) ?? []).map(({ status }) => status).join() }))
    .filter(({ told }) => told !== "firing,resolved");
}
