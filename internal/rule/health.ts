import type { Stream } from "./stream.ts";

export interface RulesHealth {
  status: "ok" | "degraded" | "down";
  detail: string;
}

/** `down` when no alert can leave; nothing is lost then, the log keeps what is not judged. */
export function toHealth(
  failing: { detail: string } | undefined,
  stream: Pick<Stream, "fault" | "mode">,
  waiting: number,
  rules: number,
): RulesHealth {
  if (failing) {
    return { status: "down", detail: `judgements cannot be stored (${failing.detail}); ${waiting} wait, none is lost` };
  }
  const fault = stream.fault();
  if (fault !== undefined) return { status: "degraded", detail: fault };
  if (stream.mode() === "live") return { status: "ok", detail: `${rules} rules` };
  return { status: "degraded", detail: "judging what the log holds; later samples wait" };
}
