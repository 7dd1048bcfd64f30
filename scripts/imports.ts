import { cruise } from "dependency-cruiser";
import { options, rules } from "../dependency-rules.ts";
import { root } from "./process.ts";

/** Checks who imports whom. Fails on any breach, and on a tree in which it saw nothing. */
process.chdir(root);
const result = await cruise(["apps", "internal", "pkg", "plugins", "web"], {
  ...options,
  validate: true,
  ruleSet: { forbidden: rules },
});
if (typeof result.output === "string") throw new Error("dependency-cruiser gave text instead of a result");
const { error, totalCruised, violations } = result.output.summary;
for (const violation of violations) console.log(`${violation.rule.name}: ${violation.from} → ${violation.to}`);
console.log(`${totalCruised} modules, ${error} breaches`);
process.exitCode = error > 0 || totalCruised === 0 ? 1 : 0;
