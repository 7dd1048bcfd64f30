import { runCommand } from "./command.ts";
import { isAtLeast, minimumVersion, requiredPlugins } from "./plugins.ts";

/** Either the version of a usable Telegraf, or why it is not usable. */
export type Inspection = { version: string } | { reason: string };

const timeoutMs = 20_000;

/** Asks a binary what it is: Telegraf, new enough, and with the plugins that we render? */
export async function inspectTelegraf(path: string): Promise<Inspection> {
  const answer = await runCommand(path, ["version"], { environment: {}, timeoutMs });
  const version = /^Telegraf (\d+\.\d+\.\d+\S*)/m.exec(answer.stdout)?.[1];
  if (version === undefined) return { reason: `does not answer as Telegraf does (${firstLine(answer)})` };
  if (!isAtLeast(version, minimumVersion)) return { reason: `is ${version}, at least ${minimumVersion} is needed` };
  const missing = await missingPlugins(path);
  return missing.length === 0 ? { version } : { reason: `${version} was built without ${missing.join(", ")}` };
}

async function missingPlugins(path: string): Promise<string[]> {
  const kinds = Object.entries(requiredPlugins);
  const lists = await Promise.all(
    kinds.map(async ([kind, wanted]) => {
      const { stdout } = await runCommand(path, ["plugins", kind], { environment: {}, timeoutMs });
      const there = new Set(stdout.split("\n").map((line) => line.trim().split(/\s/)[0]));
      return wanted.filter((plugin) => !there.has(plugin));
    }),
  );
  return lists.flat();
}

function firstLine(answer: { stdout: string; stderr: string }): string {
  const text = answer.stderr.trim() || answer.stdout.trim() || "no output";
  return text.split("\n")[0]?.slice(0, 200) ?? "";
}
