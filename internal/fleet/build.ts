import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { runCommand } from "./command.ts";
import { buildTags, isAtLeast, telegrafVersion } from "./plugins.ts";

const minimumGo = "1.26.0";
const progressEveryMs = 1000;

export interface BuildDeps {
  /** Where the finished binary goes, as `telegraf`. */
  cacheFolder: string;
  /** The machine's environment: Go needs HOME, proxies and its own settings. */
  environment: Readonly<Record<string, string>>;
  clock: Clock;
  /** Called about once a second with a line for people. */
  progress(detail: string): void;
  signal: AbortSignal;
}

/** Undefined when there is a Go that can build Telegraf, else why not. */
export async function whyNoGo(environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  const answer = await runCommand("go", ["version"], { environment, timeoutMs: 20_000 });
  const version = /go version go(\d+\.\d+(\.\d+)?)/.exec(answer.stdout)?.[1];
  if (version === undefined) return "Go is not installed";
  return isAtLeast(version, minimumGo) ? undefined : `Go is ${version}, at least 1.26 is needed`;
}

/**
 * Builds Telegraf from its published source with just the plugins we render; minutes, some 3 GB in Go's caches.
 * Returns the path. Throws `AppError("unavailable")` with Go's own words. A build that was interrupted leaves nothing.
 */
export async function buildTelegraf(deps: BuildDeps): Promise<string> {
  mkdirSync(deps.cacheFolder, { recursive: true });
  const folder = mkdtempSync(join(deps.cacheFolder, "build-"));
  try {
    await install(folder, deps);
    const path = join(deps.cacheFolder, "telegraf");
    renameSync(join(folder, "telegraf"), path);
    return path;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function install(folder: string, deps: BuildDeps): Promise<void> {
  const child = spawn("go", installParameters(), {
    env: { ...deps.environment, GOTOOLCHAIN: "local", CGO_ENABLED: "0", GOBIN: folder },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const stop = () => endGroup(child);
  deps.signal.addEventListener("abort", stop, { once: true });
  const report = follow(child, deps);
  try {
    const failure = await ended(child);
    if (failure !== undefined) throw refusal(failure, report.lines());
  } finally {
    report.stop();
    deps.signal.removeEventListener("abort", stop);
  }
}

function installParameters(): string[] {
  const module = "github.com/influxdata/telegraf";
  const flags = `-s -w -X ${module}/internal.Version=${telegrafVersion}`;
  return ["install", "-v", "-tags", buildTags, "-ldflags", flags, `${module}/cmd/telegraf@v${telegrafVersion}`];
}

/** Counts what Go says it does, and tells it with the time gone by. */
function follow(child: ChildProcess, { clock, progress }: BuildDeps): { lines(): string[]; stop(): void } {
  const startedAt = clock.now();
  const last: string[] = [];
  const counts = { downloaded: 0, compiled: 0 };
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.startsWith("go: downloading")) counts.downloaded += 1;
      else counts.compiled += 1;
      last.push(line);
      if (last.length > 20) last.shift();
    });
  }
  let cancel = () => {};
  const tell = () => {
    const seconds = Math.round((clock.now() - startedAt) / 1000);
    const doing =
      counts.compiled > 0 ? `${counts.compiled} packages compiled` : `${counts.downloaded} modules downloaded`;
    progress(`building Telegraf ${telegrafVersion} with Go: ${seconds} s, ${doing} (a few minutes the first time)`);
    cancel = clock.after(progressEveryMs, tell);
  };
  tell();
  return { lines: () => last, stop: () => cancel() };
}

/** Resolves when the build has ended: undefined for success, else why not. */
function ended(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("spawn", () => lowerPriority(child));
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : `go install ended with ${code ?? signal}`));
  });
}

/** The node and its first scan come before the build. Not being allowed to be nice is no reason to fail. */
function lowerPriority(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, 10);
  } catch {
    return;
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  process.kill(-child.pid, "SIGKILL");
}

function refusal(failure: string, lines: readonly string[]): AppError {
  return new AppError("unavailable", {
    at: `go install telegraf@v${telegrafVersion}`,
    message: [failure, ...lines.slice(-5)].join("\n"),
    mend: "check the way to the Go module proxy (GOPROXY) and the free disk space, or install Telegraf yourself",
  });
}
