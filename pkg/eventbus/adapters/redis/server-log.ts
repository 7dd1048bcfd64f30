import type { RedisLink } from "#pkg/redis/client.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { readLogId, renewLogId } from "./log.ts";
import { createStreams, type Streams } from "./streams.ts";

/** This database's log in the Redis, which may be begun anew. */
export interface ServerLog {
  /** Over the given connection. */
  streams(link: Pick<RedisLink, "client">): Streams;
  /** Grows when a new log was begun. */
  generation(): number;
  /** Takes over what another node has begun. */
  refresh(): Promise<void>;
  /** Begins a new one and drops the old. */
  renew(link: Pick<RedisLink, "client">): Promise<void>;
}

/** The log as the database names it. */
export async function openServerLog(sql: SqlClient): Promise<ServerLog> {
  let id = await readLogId(sql);
  let generation = 0;
  const take = (next: string) => {
    if (next !== id) generation++;
    id = next;
  };
  return {
    streams: (link) => createStreams(link, id),
    generation: () => generation,
    refresh: async () => take(await readLogId(sql)),
    async renew(link) {
      const old = createStreams(link, id);
      take(await renewLogId(sql, id));
      await old.forget();
    },
  };
}
