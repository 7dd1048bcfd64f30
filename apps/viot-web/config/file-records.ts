import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkScanConfig } from "#internal/autodeploy/scan/schedule.ts";
import type { ContactSpec, RouteSpec } from "#internal/contacts/contract.ts";
import { parseContactsSection, parseRoutesSection } from "#internal/contacts/entries.ts";
import type { RuleSpec } from "#internal/rule/contract.ts";
import { parseRuleFile, parseRulesSection } from "#internal/rule/from-files.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { nextAfter } from "#pkg/scheduler/cron.ts";
import type { ReadConfig } from "./config.ts";

type FromFile<T> = T & { source: string };

/** What the configuration says of rules, contacts and routes; each carries the place it stands at. */
export interface FileRecords {
  rules: FromFile<RuleSpec>[];
  contacts: FromFile<ContactSpec>[];
  routes: FromFile<RouteSpec>[];
}

/**
 * Reads `[[rules]]`, `rules.d/*.toml`, `[[contacts]]` and `[[routes]]`, and checks what the schema cannot see of
 * `[scan]`. Throws `AppError("config")` with file and line.
 */
export function parseRecords({ value, locate, rulesFolder }: ReadConfig): FileRecords {
  const timeZone = checkTimeZone(value.node.time_zone, locate);
  checkScanConfig(
    value.scan,
    (path) => locate(["scan", ...path]),
    (cron) => nextAfter({ cron, timeZone }, Date.now()),
  );
  return {
    rules: [
      ...parseRulesSection(value.rules, locate),
      ...ruleFiles(rulesFolder).flatMap((file) => parseRuleFile(readFileSync(file, "utf8"), file)),
    ],
    contacts: parseContactsSection(value.contacts, locate),
    routes: parseRoutesSection(value.routes, locate),
  };
}

/** A wrong zone is told where it stands, not at each schedule that would go by it. */
function checkTimeZone(timeZone: string, locate: ReadConfig["locate"]): string {
  try {
    nextAfter({ cron: "0 0 * * *", timeZone }, 0);
    return timeZone;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { detail: message, mend = "write another" } = error;
    throw new AppError("config", { at: locate(["node", "time_zone"]), message, mend });
  }
}

function ruleFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".toml"))
    .sort()
    .map((file) => join(folder, file));
}
