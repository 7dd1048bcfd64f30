import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { buildTelegraf, whyNoGo } from "./build.ts";
import type { TelegrafBinary } from "./contract.ts";
import { inspectTelegraf } from "./inspect.ts";
import { minimumVersion, telegrafVersion } from "./plugins.ts";

/** Where telegraf is, now and as that changes. */
export interface BinarySource {
  binary(): TelegrafBinary;
  /** Called on each change. Returns the undo. */
  onBinary(listener: (binary: TelegrafBinary) => void): () => void;
  /** Looks again: `configured` says something else now. A build that is under way ends. */
  lookAgain(): Promise<void>;
  /** Ends a build that is under way. */
  close(): Promise<void>;
}

export interface BinaryDeps {
  /** `[telegraf] binary` as it is now; empty when not set. */
  configured(): string;
  /** The machine's environment: TELEGRAF_BIN, PATH, and what Go needs. */
  environment: Readonly<Record<string, string>>;
  /** The project's cache: found and filled here. */
  cacheFolder: string;
  clock: Clock;
  log: Logger;
}

/** Starts to look at once and returns: TELEGRAF_BIN, the configuration, PATH, the cache, then a build with Go. */
export function openTelegrafBinary(deps: BinaryDeps): BinarySource {
  const listeners = new Set<(binary: TelegrafBinary) => void>();
  let stop = new AbortController();
  let current: TelegrafBinary = { state: "looking", path: null, version: null, detail: "looking for Telegraf" };
  const tell = (next: TelegrafBinary) => {
    if (next.state !== current.state) deps.log.info({ path: next.path, detail: next.detail }, `telegraf ${next.state}`);
    current = next;
    for (const listener of listeners) listener(next);
  };
  const look = (signal: AbortSignal) => {
    const tellUnlessOver = (next: TelegrafBinary) => signal.aborted || tell(next);
    return find(deps, tellUnlessOver, signal).catch(
      (error: unknown) => void tellUnlessOver(missing([messageOf(error)])),
    );
  };
  let search = look(stop.signal);
  return {
    binary: () => current,
    onBinary(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async lookAgain() {
      stop.abort();
      await search;
      stop = new AbortController();
      search = look(stop.signal);
    },
    async close() {
      stop.abort();
      await search;
    },
  };
}

async function find(deps: BinaryDeps, tell: (next: TelegrafBinary) => unknown, signal: AbortSignal): Promise<unknown> {
  const notes: string[] = [];
  for (const { origin, path } of candidates(deps)) {
    const found = await inspectTelegraf(path);
    if ("version" in found) return tell(ready(path, found.version, origin));
    notes.push(`${origin}: ${path} ${found.reason}`);
  }
  const whyNot = await whyNoGo(deps.environment);
  if (whyNot !== undefined) return tell(missing([...notes, whyNot]));
  const progress = (detail: string) => tell({ state: "building", path: null, version: null, detail });
  const path = await buildTelegraf({ ...deps, progress, signal });
  const built = await inspectTelegraf(path);
  tell("version" in built ? ready(path, built.version, "built with Go") : missing([...notes, built.reason]));
}

/** In the order of preference. A name that was set by a person counts even when nothing is there: that is worth a note. */
function candidates({ configured, environment, cacheFolder }: BinaryDeps): { origin: string; path: string }[] {
  const named = [
    { origin: "TELEGRAF_BIN", path: environment["TELEGRAF_BIN"] ?? "" },
    { origin: "[telegraf] binary", path: configured() },
  ].filter(({ path }) => path !== "");
  const searched = [
    ...(environment["PATH"] ?? "")
      .split(delimiter)
      .map((folder) => ({ origin: "PATH", path: join(folder, "telegraf") })),
    { origin: "cache", path: join(cacheFolder, "telegraf") },
  ].filter(({ path }) => existsSync(path));
  return [...named, ...searched];
}

function ready(path: string, version: string, origin: string): TelegrafBinary {
  return { state: "ready", path, version, detail: `Telegraf ${version} (${origin}: ${path})` };
}

function missing(notes: readonly string[]): TelegrafBinary {
  const detail = [
    ...notes,
    "There is no Telegraf, so nothing is collected; all else runs. Ways to get it, then restart this node:",
    `• download ${minimumVersion} or later (we test ${telegrafVersion}) from https://www.influxdata.com/downloads/ and set TELEGRAF_BIN to the file`,
    "• Debian, Ubuntu: add the repository https://repos.influxdata.com/debian, then apt-get install telegraf",
    "• RHEL, Fedora: add the repository https://repos.influxdata.com/rhel, then yum install telegraf",
    "• install Go 1.26 or later: it is then built by itself at the next start",
  ];
  return { state: "missing", path: null, version: null, detail: detail.join("\n") };
}
