import type { RedisLink } from "#pkg/redis/client.ts";
import { partCount, partOf } from "../../parts.ts";
import type { LoggedEvent } from "../../tables.ts";

/** All nodes read as one consumer: the lease in the database says whose turn it is, so that a part's pending entries pass on. */
const consumer = "node";
const field = "e";

/**
 * Appends events (part, place, JSON, …) unless they are there, and notes how far. -1: the server has lost what came
 * before. One script for many events: a command each costs the client ten times as much.
 */
const appendScript = `
local relayed = tonumber(redis.call('GET', KEYS[1]) or '-1')
if relayed < tonumber(ARGV[1]) then return -1 end
for i = 2, #ARGV, 3 do
  local added = redis.pcall('XADD', KEYS[2 + tonumber(ARGV[i])], ARGV[i + 1] .. '-0', '${field}', ARGV[i + 2])
  if type(added) == 'table' and added.err and not string.find(added.err, 'equal or smaller', 1, true) then return added end
end
local last = tonumber(ARGV[#ARGV - 1])
if last > relayed then redis.call('SET', KEYS[1], ARGV[#ARGV - 1]) end
return last`;

/** How far the log is in the server, then the last place of each part. */
const topsScript = `
local tops = { tonumber(redis.call('GET', KEYS[1]) or '-1') }
for i = 2, #KEYS do
  local newest = redis.call('XREVRANGE', KEYS[i], '+', '-', 'COUNT', 1)
  tops[i] = newest[1] and tonumber(string.match(newest[1][1], '^%d+')) or 0
end
return tops`;

/** An event of a part as it came from the server; null when the entry was trimmed. */
export interface Delivered {
  part: number;
  entries: readonly { seq: number; text: string | null }[];
}

/** The log in a Redis: one stream a part, entries by the place of their event. All throw what the server says. */
export interface Streams {
  /** Last place in the server; -1 when it knows nothing of this log. */
  relayed(): Promise<number>;
  /** The server's log begins after `position`, unless it has begun. */
  begin(position: number): Promise<void>;
  /** Appends what follows `after`; false when the server has lost what came before. Twice does nothing. */
  append(events: readonly LoggedEvent[], after: number): Promise<boolean>;
  tops(): Promise<{ relayed: number; parts: readonly number[] }>;
  /** The group reads a part from after `position`, unless it does already. */
  ensureGroup(group: string, part: number, position: number): Promise<void>;
  /** Entries that were handed out after `position` and not acknowledged, oldest first. */
  readPending(group: string, part: number, position: number, limit: number): Promise<Delivered>;
  /** New entries; waits up to `blockMs` for the first. */
  readNew(group: string, parts: readonly number[], limit: number, blockMs: number): Promise<Delivered[]>;
  acknowledge(group: string, part: number, seqs: readonly number[]): Promise<void>;
  /** Drops all entries up to `position`. */
  trim(position: number): Promise<void>;
  /** Drops the log. */
  forget(): Promise<void>;
}

/** The log `logId` in the server behind `link`. A blocking `readNew` needs a link of its own. */
export function createStreams({ client }: Pick<RedisLink, "client">, logId: string): Streams {
  // One hash slot, for servers in a cluster.
  const keyOf = (name: string) => `detectviz:{${logId}}:${name}`;
  const partKeys = Array.from({ length: partCount }, (_, part) => keyOf(`p${part}`));
  const partByKey = new Map(partKeys.map((key, part) => [key, part]));
  const keys = [keyOf("relayed"), ...partKeys];
  const send = (...words: (string | number)[]) => client.sendCommand(words.map(String)) as Promise<unknown>;
  const run = (script: string, args: readonly (string | number)[]) =>
    send("EVAL", script, keys.length, ...keys, ...args);
  const keyOfPart = (part: number) => partKeys[part] ?? "";

  return {
    relayed: async () => Number((await send("GET", keys[0] ?? "")) ?? -1),
    async begin(position) {
      await send("SET", keys[0] ?? "", position, "NX");
    },
    async append(events, after) {
      const args: (string | number)[] = [after];
      for (const { seq, event } of events) args.push(partOf(event.key), seq, JSON.stringify(event));
      return Number(await run(appendScript, args)) >= 0;
    },
    async tops() {
      const [relayed = -1, ...parts] = ((await run(topsScript, [])) as unknown[]).map(Number);
      return { relayed, parts };
    },
    async ensureGroup(group, part, position) {
      try {
        await send("XGROUP", "CREATE", keyOfPart(part), group, `${position}-0`, "MKSTREAM");
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw error;
      }
    },
    async readPending(group, part, position, limit) {
      const who = ["GROUP", group, consumer, "COUNT", limit];
      const [page] = toDelivered(
        await send("XREADGROUP", ...who, "STREAMS", keyOfPart(part), `${position}-0`),
        partByKey,
      );
      return page ?? { part, entries: [] };
    },
    async readNew(group, parts, limit, blockMs) {
      const who = ["GROUP", group, consumer, "COUNT", limit, "BLOCK", blockMs];
      const streams = [...parts.map(keyOfPart), ...parts.map(() => ">")];
      return toDelivered(await send("XREADGROUP", ...who, "STREAMS", ...streams), partByKey);
    },
    async acknowledge(group, part, seqs) {
      await send("XACK", keyOfPart(part), group, ...seqs.map((seq) => `${seq}-0`));
    },
    async trim(position) {
      await Promise.all(partKeys.map((key) => send("XTRIM", key, "MINID", `${position + 1}-0`)));
    },
    async forget() {
      await send("DEL", ...keys);
    },
  };
}

type Reply = readonly [string, readonly (readonly [string, readonly string[] | null])[]];

/** RESP3 gives a map of streams, RESP2 a list of pairs. */
function toDelivered(reply: unknown, partByKey: ReadonlyMap<string, number>): Delivered[] {
  if (reply === null || typeof reply !== "object") return [];
  // The shape of XREADGROUP's answer is the server's promise.
  const streams = (
    reply instanceof Map ? [...reply] : Array.isArray(reply) ? toPairs(reply) : Object.entries(reply)
  ) as Reply[];
  return streams.map(([key, entries]) => ({
    part: partByKey.get(String(key)) ?? 0,
    entries: entries.map(([id, fields]) => ({ seq: Number.parseInt(id, 10), text: fields?.[1] ?? null })),
  }));
}

/** Some clients flatten a map into one list. */
function toPairs(reply: readonly unknown[]): unknown[] {
  if (Array.isArray(reply[0])) return [...reply];
  return Array.from({ length: reply.length / 2 }, (_, at) => [reply[2 * at], reply[2 * at + 1]]);
}
