/** One Telegraf process and its folder of configuration. */
export interface TelegrafUnit {
  id: string;
  state: "stopped" | "starting" | "running" | "backing_off" | "failed";
  pid: number | null;
  configHash: string | null;
  devices: readonly string[];
  startedAt: number | null;
  restarts: number;
  /** Last log lines, newest last. */
  log: readonly string[];
  lastError: string | null;
}

/** Where the telegraf binary came from, or why there is none yet. */
export interface TelegrafBinary {
  state: "looking" | "building" | "ready" | "missing";
  path: string | null;
  version: string | null;
  /** Progress or the mend, for people. */
  detail: string;
}

/** The Telegraf processes of this machine. */
export interface Fleet {
  binary(): TelegrafBinary;
  /** Called on each change of `binary()`. Returns the undo. */
  onBinary(listener: (binary: TelegrafBinary) => void): () => void;
  units(): TelegrafUnit[];
  /** `files` are written atomically into the unit's folder before the (re)start; empty stops and removes the unit. */
  apply(unitId: string, files: Readonly<Record<string, string>>, devices: readonly string[]): Promise<void>;
  /** What the unit runs with now. */
  files(unitId: string): Promise<Record<string, string>>;
  restart(unitId: string): Promise<void>;
  /** `telegraf config check` over the files in a folder of its own. Rejects with the signal's reason when it fires. */
  check(files: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<{ ok: boolean; output: string }>;
  /** `telegraf --test`: stdout is line protocol, one point a line without the leading `> `. Rejects with the signal's reason when it fires. */
  test(
    files: Readonly<Record<string, string>>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<{ lines: string[]; output: string }>;
}
