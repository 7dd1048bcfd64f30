import { isDeepStrictEqual } from "node:util";
import { v7 } from "uuid";
import { AppError } from "#pkg/errors/errors.ts";
import { compileRule } from "./compile.ts";
import type { Rule, RuleSpec } from "./contract.ts";
import { toSpec } from "./wire.ts";

export type FileRule = RuleSpec & { source: string };

/** What has to happen so that the stored rules are those of the files. */
export interface FileChanges {
  put: readonly { rule: Rule; change: "created" | "updated" }[];
  gone: readonly Rule[];
}

/**
 * Compares the files' rules with the stored ones; they are known by name. Throws `AppError("config")` at the place of
 * the first that cannot be taken, before anything is changed.
 */
export function compareWithFiles(known: readonly Rule[], files: readonly FileRule[], nowMs: number): FileChanges {
  const seen = new Map<string, FileRule>();
  const put: { rule: Rule; change: "created" | "updated" }[] = [];
  for (const file of files) {
    const twin = seen.get(file.name);
    if (twin) throw doubled(file, `is named in ${twin.source} already`);
    seen.set(file.name, file);
    const before = known.find((rule) => rule.name === file.name);
    if (before && before.source === null) throw doubled(file, "was made in the browser or by REST");
    const rule = toRule(file, before, nowMs);
    check(rule, file.source);
    const same = before && before.source === file.source && isDeepStrictEqual(toSpec(before), toSpec(rule));
    if (!same) put.push({ rule, change: before ? "updated" : "created" });
  }
  return { put, gone: known.filter((rule) => rule.source !== null && !seen.has(rule.name)) };
}

function toRule(file: FileRule, before: Rule | undefined, nowMs: number): Rule {
  return { ...file, id: before?.id ?? v7(), createdAt: before?.createdAt ?? nowMs, updatedAt: nowMs };
}

function check(rule: Rule, source: string): void {
  try {
    compileRule(rule);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const at = `${source}: rule "${rule.name}", ${error.at ?? ""}`;
    throw new AppError("config", { at, message: error.detail, mend: error.mend ?? "correct it", cause: error });
  }
}

function doubled(file: FileRule, why: string): AppError {
  return new AppError("config", {
    at: file.source,
    message: `a rule "${file.name}" ${why}`,
    mend: "give one of them another name; alerts are known by it",
  });
}
