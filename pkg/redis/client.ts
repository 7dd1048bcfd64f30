import type { createClient } from "redis";
import type { Clock } from "#pkg/clock/port.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { RedisConfig } from "./config.ts";
import { findUnfit, toRedisFault } from "./faults.ts";

/** Without a byte from the server for so long, a connection is given up; what waits on it fails. */
const silentMs = 5000;
/** Keeps a sound connection from being silent. A command may block (XREADGROUP BLOCK) for no longer than this. */
const pingEveryMs = 2000;
const longestRetryMs = 1000;

/** The client of the `redis` package: get and set with TTL, publish and subscribe, sets, MULTI. */
export type RedisClient = ReturnType<typeof createClient>;

/** One connection to a Redis; it comes back by itself for as long as it is open. */
export interface RedisLink {
  /** Commands fail at once while the connection is away. One that was sent fails after 5 s without a byte. */
  client: RedisClient;
  /** For messages: which server, never with a password. */
  at: string;
  /** Why it cannot be used, and since when (UTC ms); undefined while it can. */
  fault(): { error: AppError; sinceMs: number } | undefined;
  /** Resolves when the server has answered and fits; throws the first fault: away, refused log-in, no Redis, too old. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface RedisDeps {
  clock: Clock;
  log: Logger;
  /** Section of the configuration, for messages: `[cache.redis]`. */
  section: string;
}

/**
 * Begins to connect and returns at once; whoever cannot work without awaits `ready()`. The library (30 MB) is loaded
 * only here.
 */
export async function openRedis(config: RedisConfig, { clock, log, section }: RedisDeps): Promise<RedisLink> {
  const at = `${section} ${config.url}`;
  const client = await makeClient(config);
  const watch = watchFaults(client, { at, clock, log, waitMs: parseDuration(config.connect_timeout) + silentMs });
  // Ends only with the client: the library tries again by itself, and each failure is an "error" event.
  client.connect().catch(watch.onFault);
  return {
    client,
    at,
    fault: watch.fault,
    ready: watch.ready,
    async close() {
      watch.close();
      if (client.isOpen) client.destroy();
    },
  };
}

async function makeClient({ url, user, password, connect_timeout }: RedisConfig): Promise<RedisClient> {
  const { createClient: create } = await import("redis");
  return create({
    url,
    ...(user === "" ? {} : { username: user }),
    ...(password === "" ? {} : { password }),
    name: "detectviz",
    pingInterval: pingEveryMs,
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    socket: {
      connectTimeout: parseDuration(connect_timeout),
      socketTimeout: silentMs,
      reconnectStrategy: (retries) =>
        Math.min(longestRetryMs, 50 * 2 ** Math.min(retries, 10)) * (0.5 + Math.random() / 2),
    },
  });
}

interface WatchDeps {
  at: string;
  clock: Clock;
  log: Logger;
  /** The first verdict must be there after this. */
  waitMs: number;
}

/** Folds the client's events into one fault, and tells the log when it begins, changes and ends. */
function watchFaults(client: RedisClient, { at, clock, log, waitMs }: WatchDeps) {
  const connecting = new AppError("unavailable", {
    at,
    message: "no answer yet",
    mend: "start the server, or mend the URL",
  });
  let state: { error: AppError; sinceMs: number } | undefined = { error: connecting, sinceMs: clock.now() };
  const verdict = Promise.withResolvers<AppError | undefined>();
  const late = setTimeout(() => verdict.resolve(connecting), waitMs);
  const decide = (error: AppError | undefined) => {
    clearTimeout(late);
    verdict.resolve(error);
  };
  let isClosed = false;
  const onFault = (thrown: unknown) => {
    if (isClosed) return; // that we hung up ourselves is no fault
    const error = thrown instanceof AppError ? thrown : toRedisFault(thrown, at);
    if (state?.error.message !== error.message)
      log.warn({ at, detail: error.detail, mend: error.mend }, "Redis cannot be used");
    state = { error, sinceMs: state?.sinceMs ?? clock.now() };
    decide(error);
  };
  const onReady = async () => {
    const unfit = findUnfit(await client.hello(), at);
    if (unfit) return onFault(unfit);
    if (state && state.error !== connecting) log.info({ at }, "Redis can be used again");
    state = undefined;
    decide(undefined);
  };
  client.on("error", onFault);
  client.on("ready", () => void onReady().catch(onFault));
  return {
    onFault,
    fault: () => state,
    async ready() {
      const error = await verdict.promise;
      if (error) throw error;
    },
    close() {
      isClosed = true;
      decide(state?.error); // whoever still awaits the first verdict
    },
  };
}
