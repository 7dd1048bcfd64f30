import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { createBackOff } from "./back-off.ts";
import type { TelegrafBinary, TelegrafUnit } from "./contract.ts";
import { createLogTail } from "./log-tail.ts";
import { findByArgument, readStartTicks } from "./proc.ts";
import { adoptProcess, endProcess, startProcess, type TelegrafProcess } from "./process.ts";
import {
  dropOldFiles,
  hashFiles,
  type ProcessRecord,
  readFiles,
  readRecord,
  type UnitRecord,
  writeRecord,
  writeUnit,
} from "./unit-files.ts";

/** One supervised Telegraf. All calls that change something run one after the other. */
export interface Unit {
  status(): TelegrafUnit;
  /** Content by name of the files it runs with. */
  files(): Record<string, string>;
  /** Takes over the process that an earlier node left, or starts one. Called again when the binary is there at last. */
  resume(): Promise<void>;
  apply(files: Readonly<Record<string, string>>, devices: readonly string[]): Promise<void>;
  restart(): Promise<void>;
  /** Ends the process and deletes the folder. */
  remove(): Promise<void>;
  /** Reads what the log brought; what goes wrong there (a full disk) is told and tried again. */
  poll(): void;
  /** Ends supervision, and the process too unless `keep`. */
  close(keep: boolean): Promise<void>;
}

export interface UnitDeps {
  folder: string;
  binary(): TelegrafBinary;
  /** All that Telegraf finds in its environment. */
  environment: Readonly<Record<string, string>>;
  clock: Clock;
  log: Logger;
}

/** A process that lived this long is said to run. */
const settleMs = 2000;

/** Opens the unit in `folder`, which may be new. Nothing runs before `resume` or `apply`. */
export function openUnit(id: string, deps: UnitDeps): Unit {
  return new SupervisedUnit(id, deps);
}

class SupervisedUnit implements Unit {
  readonly #id: string;
  readonly #deps: UnitDeps;
  readonly #tail;
  readonly #backOff = createBackOff();
  #record: UnitRecord | undefined;
  #process: TelegrafProcess | undefined;
  #state: TelegrafUnit["state"] = "stopped";
  #startedAt: number | null = null;
  #restarts = 0;
  #lastError: string | null = null;
  #cancelTimer = () => {};
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(id: string, deps: UnitDeps) {
    this.#id = id;
    this.#deps = deps;
    mkdirSync(deps.folder, { recursive: true, mode: 0o700 });
    this.#tail = createLogTail(this.#path("telegraf.log"));
    this.#record = readRecord<UnitRecord>(this.#path("unit.json"));
  }

  status(): TelegrafUnit {
    this.poll();
    return {
      id: this.#id,
      state: this.#state,
      pid: this.#process?.pid ?? null,
      configHash: this.#record?.conf.replace("conf-", "") ?? null,
      devices: this.#record?.devices ?? [],
      startedAt: this.#startedAt,
      restarts: this.#restarts,
      log: this.#tail.lines(),
      lastError: this.#lastError,
    };
  }

  files(): Record<string, string> {
    return this.#record === undefined ? {} : readFiles(this.#path(this.#record.conf));
  }

  resume(): Promise<void> {
    return this.#queue(async () => {
      if (this.#process !== undefined || this.#record === undefined) return;
      if (!this.#adopt()) {
        await this.#endStrays();
        await this.#start();
      }
    });
  }

  apply(files: Readonly<Record<string, string>>, devices: readonly string[]): Promise<void> {
    return this.#queue(async () => {
      writeUnit(this.#deps.folder, files, devices);
      this.#record = readRecord<UnitRecord>(this.#path("unit.json"));
      await this.#end();
      if (this.#record !== undefined) dropOldFiles(this.#deps.folder, this.#record.conf);
      this.#backOff.reset();
      await this.#start();
    });
  }

  restart(): Promise<void> {
    return this.#queue(async () => {
      await this.#end();
      this.#backOff.reset();
      await this.#start();
    });
  }

  remove(): Promise<void> {
    return this.#queue(async () => {
      await this.#end();
      this.#isClosed = true;
      rmSync(this.#deps.folder, { recursive: true, force: true });
    });
  }

  poll(): void {
    try {
      this.#tail.poll();
    } catch (error) {
      this.#deps.log.warn({ unit: this.#id, error }, "the log of a Telegraf unit cannot be followed");
    }
  }

  close(keep: boolean): Promise<void> {
    const closing = this.#queue(async () => {
      if (!keep) await this.#end();
    });
    this.#isClosed = true;
    this.#cancelTimer();
    return closing;
  }

  #path(name: string): string {
    return join(this.#deps.folder, name);
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const next = this.#last.then(work);
    // A call that failed has told its caller; the next one starts from what is there.
    this.#last = next.catch(() => {});
    return next;
  }

  async #start(): Promise<void> {
    const binary = this.#deps.binary();
    if (this.#isClosed || this.#record === undefined) return;
    if (binary.path === null) {
      this.#state = "stopped";
      this.#lastError = binary.detail;
      return;
    }
    try {
      await this.#spawn(binary.path, this.#record);
    } catch (error) {
      this.#lastError = messageOf(error);
      this.#again(0, "failed");
    }
  }

  async #spawn(binary: string, record: UnitRecord): Promise<void> {
    this.#state = "starting";
    const started = await startProcess(binary, this.#parameters(record), {
      environment: this.#deps.environment,
      logFile: this.#path("telegraf.log"),
    });
    const startedAt = this.#deps.clock.now();
    const { pid, startTicks } = started;
    writeRecord(this.#path("process.json"), { pid, startTicks, hash: this.#hash(record), startedAt });
    this.#follow(started, startedAt);
    this.#cancelTimer = this.#deps.clock.after(settleMs, () => {
      if (this.#process === started) this.#state = "running";
    });
    this.#deps.log.info({ unit: this.#id, pid, devices: record.devices.length }, "telegraf started");
  }

  #parameters({ conf }: UnitRecord): string[] {
    const folder = this.#path(conf);
    const directory = ["--config-directory", join(folder, "telegraf.d")];
    return ["--strict-env-handling", "--config", join(folder, "telegraf.conf"), ...directory];
  }

  #follow(started: TelegrafProcess, startedAt: number): void {
    this.#process = started;
    this.#startedAt = startedAt;
    void started.ended.then((reason) => {
      if (this.#process !== started) return;
      this.#process = undefined;
      this.poll();
      this.#lastError = [reason, this.#tail.lines().findLast((line) => line.includes(" E! "))]
        .filter(Boolean)
        .join(": ");
      this.#deps.log.warn({ unit: this.#id, pid: started.pid, reason: this.#lastError }, "telegraf ended by itself");
      this.#again(this.#deps.clock.now() - startedAt, "backing_off");
    });
  }

  #again(ranMs: number, state: "backing_off" | "failed"): void {
    this.#cancelTimer();
    this.#state = state;
    if (this.#isClosed) return;
    this.#cancelTimer = this.#deps.clock.after(this.#backOff.next(ranMs), () => {
      this.#restarts += 1;
      void this.#queue(async () => {
        if (this.#process === undefined) await this.#start();
      });
    });
  }

  /** Whether the process of an earlier node still is what this unit should be: pid, start and all it was started with. */
  #adopt(): boolean {
    const known = readRecord<ProcessRecord>(this.#path("process.json"));
    if (known === undefined || this.#record === undefined || known.hash !== this.#hash(this.#record)) return false;
    const adopted = adoptProcess(known.pid, known.startTicks);
    if (adopted === undefined) return false;
    this.#follow(adopted, known.startedAt);
    this.#state = "running";
    this.#lastError = null;
    this.#deps.log.info({ unit: this.#id, pid: adopted.pid }, "telegraf of an earlier start taken over");
    return true;
  }

  /** Ends what still runs from this folder: the recorded process, and one whose record a kill prevented. */
  async #endStrays(): Promise<void> {
    for (const pid of findByArgument(this.#deps.folder)) {
      const startTicks = readStartTicks(pid);
      if (startTicks !== undefined) await endProcess(pid, startTicks);
    }
  }

  async #end(): Promise<void> {
    this.#cancelTimer();
    const running = this.#process;
    this.#process = undefined;
    if (running !== undefined) await endProcess(running.pid, running.startTicks);
    else await this.#endStrays();
    this.#state = "stopped";
    this.#startedAt = null;
    this.#lastError = null;
    if (existsSync(this.#path("process.json"))) rmSync(this.#path("process.json"));
  }

  #hash(record: UnitRecord): string {
    const { path, version } = this.#deps.binary();
    const files = hashFiles(readFiles(this.#path(record.conf)));
    const started = JSON.stringify([files, this.#parameters(record), this.#deps.environment, path, version]);
    return createHash("sha256").update(started).digest("hex");
  }
}
