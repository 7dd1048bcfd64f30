import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { options, rules } from "../../dependency-rules.ts";

const root = join(import.meta.dirname, "../..");
const folders = ["apps", "internal", "pkg", "plugins", "services", "web"];

async function breaches(baseDir: string): Promise<string[]> {
  const { output } = await cruise(["."], { ...options, baseDir, validate: true, ruleSet: { forbidden: rules } });
  if (typeof output === "string") throw new Error("no result");
  expect(output.summary.totalCruised).toBeGreaterThan(0);
  return output.summary.violations.map((violation) => violation.rule.name);
}

describe("directions of imports", () => {
  it("hold in the tree as it is", async () => {
    const { output } = await cruise(folders.slice(0, 4).concat("web"), {
      ...options,
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: rules },
    });
    if (typeof output === "string") throw new Error("no result");
    expect(output.summary.totalCruised).toBeGreaterThan(40);
    expect(output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });
});

/** One breach of each rule: the file that imports, what it imports, and how. */
const seeds: readonly { rule: string; from: string; to: string; how?: "type" | "dynamic" | "relative" }[] = [
  { rule: "contracts-know-nobody", from: "pkg/contracts/a.ts", to: "pkg/clock/port.ts", how: "type" },
  { rule: "pkg-knows-no-product", from: "pkg/clock/a.ts", to: "internal/rule/contract.ts" },
  { rule: "pkg-sees-ports-of-pkgs", from: "pkg/clock/a.ts", to: "pkg/sql/open.ts" },
  { rule: "modules-see-contracts", from: "internal/rule/a.ts", to: "internal/metrics/store.ts" },
  { rule: "metrics-looks-back-only", from: "internal/metrics/a.ts", to: "internal/alert/contract.ts", how: "type" },
  { rule: "inventory-looks-back-only", from: "internal/inventory/a.ts", to: "internal/autodeploy/contract.ts" },
  { rule: "modules-know-no-outside", from: "internal/rule/a.ts", to: "apps/viot-web/compose.ts", how: "dynamic" },
  { rule: "adapters-belong-to-apps", from: "internal/rule/a.ts", to: "pkg/sql/adapters/sqlite.ts" },
  { rule: "plugins-know-contracts", from: "plugins/notifiers/x/index.ts", to: "pkg/logger/logger.ts", how: "relative" },
  { rule: "plugins-know-contracts", from: "plugins/notifiers/x/index.ts", to: "plugins/notifiers/y/index.ts" },
  { rule: "plugin-index-is-for-apps", from: "internal/plugins/a.ts", to: "plugins/index.ts" },
  { rule: "services-know-pkgs", from: "services/llm/a.ts", to: "internal/rule/contract.ts" },
  { rule: "web-sees-contracts", from: "web/pages/x/data.ts", to: "internal/rule/engine.ts" },
  { rule: "views-only-draw", from: "web/pages/x/view.ts", to: "internal/rule/contract.ts", how: "type" },
  { rule: "product-knows-no-tests", from: "apps/viot-web/a.ts", to: "test/fixtures/x.ts" },
];

describe("a seeded breach is caught", () => {
  let tree: string;
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), "detectviz-imports-"));
    for (const name of ["package.json", "tsconfig.json", "node_modules"])
      symlinkSync(join(root, name), join(tree, name));
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  };
  const statement = (from: string, to: string, how: string | undefined) => {
    const up = "../".repeat(from.split("/").length - 1);
    if (how === "type") return `import type { X } from "#${to}";\nexport type Y = X;\n`;
    if (how === "dynamic") return `export const later = () => import("#${to}");\n`;
    if (how === "relative") return `import { x } from "${up}${to}";\nexport const y = x;\n`;
    return `import { x } from "#${to}";\nexport const y = x;\n`;
  };

  for (const { rule, from, to, how } of seeds) {
    it(`${rule}: ${from} → ${to}`, async () => {
      write(to, "export const x = 1;\nexport type X = number;\n");
      write(from, statement(from, to, how));
      expect(await breaches(tree)).toContain(rule);
    });
  }

  it("no-cycles", async () => {
    write("pkg/a/a.ts", 'import { b } from "./b.ts";\nexport const a = () => b;\n');
    write("pkg/a/b.ts", 'import { a } from "./a.ts";\nexport const b = () => a;\n');
    expect(await breaches(tree)).toContain("no-cycles");
  });

  it("resolvable", async () => {
    write("pkg/a/a.ts", 'import { b } from "./gone.ts";\nexport const a = b;\n');
    expect(await breaches(tree)).toContain("resolvable");
  });

  it("each rule has a seed", () => {
    const seeded = new Set([...seeds.map((seed) => seed.rule), "no-cycles", "resolvable"]);
    const others = rules.map((rule) => rule.name ?? "").filter((name) => !seeded.has(name));
    // The look-back rules come from one function over the list of modules; two of them stand for all.
    expect(others.filter((name) => !name.endsWith("-looks-back-only"))).toEqual([]);
  });
});
