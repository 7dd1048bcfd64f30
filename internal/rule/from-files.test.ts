import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppError } from "#pkg/errors/errors.ts";
import { parseRuleFile } from "./from-files.ts";

const refusal = (text: string): AppError => {
  try {
    parseRuleFile(text, "rules.d/a.toml");
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

describe("rules from files", () => {
  it("reads all keys of both forms", () => {
    const rules = parseRuleFile(
      `[[rules]]
name = "A"
condition = "pdu_current"
comparison = ">"
levels.warning = { threshold = 12, reset = 11, for = "10s", keep_firing_for = "1m" }
for = "5s"
no_data = "alert"
no_data_after = "2m"
labels = { team = "power" }

[[rules]]
name = "B"
condition = "pdu_current > 16"
level = "critical"
enabled = false
`,
      "rules.d/a.toml",
    );
    expect(rules).toEqual([
      {
        name: "A",
        condition: "pdu_current",
        comparison: ">",
        levels: { warning: { threshold: 12, reset: 11, forMs: 10_000, keepFiringForMs: 60_000 } },
        forMs: 5000,
        noData: "alert",
        noDataAfterMs: 120_000,
        labels: { team: "power" },
        source: "rules.d/a.toml:1",
      },
      { name: "B", condition: "pdu_current > 16", level: "critical", enabled: false, source: "rules.d/a.toml:11" },
    ]);
  });

  it("names file, line and key of what is wrong in shape", () => {
    const error = refusal('[[rules]]\nname = "A"\ncondition = "a"\ncomparision = ">"\n');
    expect(error.at).toBe("rules.d/a.toml:4");
    expect(error.detail).toContain('unknown key "comparision"');
    expect(error.mend).toBe('did you mean "comparison"?');
  });

  it("names file, line and key of what is wrong in meaning", () => {
    const error = refusal(
      '[[rules]]\nname = "A"\ncondition = "a"\ncomparison = ">"\nlevels.warning = { threshold = 16 }\nlevels.critical = { threshold = 12 }\n',
    );
    expect(error.code).toBe("config");
    expect(error.at).toBe("rules.d/a.toml:6");
    expect(error.detail).toBe(
      'rule "A", "levels.critical.threshold": critical (> 12) is reached before warning (> 16)',
    );
    expect(error.mend).toContain("swap the two thresholds");
  });

  it("refuses a key beside [[rules]] and malformed TOML", () => {
    expect(refusal("rule = 1\n").detail).toContain('unknown key "rule"');
    expect(refusal("[[rules]]\nname = \n").at).toBe("rules.d/a.toml:2");
  });

  it("reads the rules that are shipped; no two have one name", () => {
    const folder = join(import.meta.dirname, "../../conf/rules.d");
    const rules = readdirSync(folder).flatMap((file) => parseRuleFile(readFileSync(join(folder, file), "utf8"), file));
    expect(rules.length).toBeGreaterThan(10);
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
  });
});
