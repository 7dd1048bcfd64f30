import type { Silence, Silences } from "#internal/alert/contract.ts";
import type { AlertEventData } from "#pkg/contracts/events.ts";
import { compileMatcher } from "#pkg/matching/port.ts";

/** Where the silences come from; only to tell people how long. */
export type SilenceList = Pick<Silences, "list">;

/** Why nobody is told of an alert that is covered, for people. */
export async function coverReason(data: AlertEventData, silences: SilenceList): Promise<string> {
  if (!data.covers.includes("silenced")) return `covered: ${data.covers.join(", ")}`;
  const labels: Record<string, string> = { ...data.labels, severity: data.level };
  const silence = (await silences.list("active"))
    .filter((one) => fits(one, labels))
    .sort((a, b) => b.until - a.until)[0];
  if (!silence) return "silenced";
  return `silenced until ${new Date(silence.until).toISOString()} by ${silence.by}: ${silence.reason}`;
}

function fits({ matchers }: Silence, labels: Readonly<Record<string, string>>): boolean {
  return matchers.every((matcher) => compileMatcher(matcher)(labels[matcher.name] ?? ""));
}
