import type { Clock } from "./port.ts";

/** Smaller steps are what a time service does every day. */
const leastJumpMs = 1000;
/** So long a jump is shown. */
const shownForMs = 15 * 60_000;

export interface JumpWatchDeps {
  clock: Pick<Clock, "now">;
  /** Milliseconds that only ever grow, whatever happens to the machine's clock. */
  steadyMs(): number;
  /** The clock went back by `byMs`. */
  onBack(byMs: number): Promise<void> | void;
}

/** Notices when the machine's clock jumps back. */
export interface JumpWatch {
  /** Looks once; call it every second or so. */
  look(): Promise<void>;
  /** "degraded" for 15 min after a jump. */
  health(): { status: "ok" | "degraded"; detail: string };
}

/** Compares the clock with time that passed. Forward jumps are no fault: a machine that slept wakes up with one. */
export function createJumpWatch({ clock, steadyMs, onBack }: JumpWatchDeps): JumpWatch {
  let before = { wallMs: clock.now(), steadyMs: steadyMs() };
  let last: { text: string; atMs: number } | undefined;
  return {
    async look() {
      const now = { wallMs: clock.now(), steadyMs: steadyMs() };
      const backMs = now.steadyMs - before.steadyMs - (now.wallMs - before.wallMs);
      before = now;
      if (backMs <= leastJumpMs) return;
      last = { text: toText(backMs, now.wallMs), atMs: now.steadyMs };
      await onBack(backMs);
    },
    health() {
      if (last === undefined || steadyMs() - last.atMs > shownForMs) return { status: "ok", detail: "runs forward" };
      return { status: "degraded", detail: `${last.text}; let one time service (chrony, systemd-timesyncd) set it` };
    },
  };
}

function toText(backMs: number, nowMs: number): string {
  return `the machine's clock went back by ${Math.round(backMs / 1000)} s, to ${new Date(nowMs).toISOString()}`;
}
