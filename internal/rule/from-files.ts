import { Type } from "typebox";
import { checkConfig } from "#pkg/config/check.ts";
import { parseToml } from "#pkg/config/toml.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { FileRule } from "./compare-files.ts";
import { compileRule } from "./compile.ts";
import { type RuleBody, ruleSchema } from "./schema.ts";
import { toRuleSpec } from "./wire.ts";

type Locate = (path: readonly (string | number)[]) => string;

/** Reads one file of `[[rules]]` tables. Throws `AppError("config")` with file, line, key and the mend. */
export function parseRuleFile(text: string, file: string): FileRule[] {
  const { value, locate } = parseToml(text, file);
  const shape = Type.Object({ rules: Type.Array(Type.Unknown(), { default: [] }) }, { additionalProperties: false });
  return parseRulesSection(checkConfig(shape, value, locate).rules, locate);
}

/** Reads the `[[rules]]` tables of a configuration; `locate` tells where a path of keys stands. Throws as above. */
export function parseRulesSection(tables: readonly unknown[], locate: Locate): FileRule[] {
  return tables.map((table, index) => {
    const at: Locate = (path) => locate(["rules", index, ...path]);
    return checkMeaning(checkConfig(ruleSchema, table, at), at);
  });
}

function checkMeaning(body: RuleBody, at: Locate): FileRule {
  const spec = toRuleSpec(body);
  try {
    compileRule({ ...spec, id: "", source: null, createdAt: 0, updatedAt: 0 });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const path = (error.fields[0]?.pointer ?? "").split("/").slice(1);
    throw new AppError("config", {
      at: at(path),
      message: `rule "${body.name}", "${path.join(".")}": ${error.detail}`,
      mend: error.mend ?? "correct it",
      cause: error,
    });
  }
  return { ...spec, source: at([]) };
}
