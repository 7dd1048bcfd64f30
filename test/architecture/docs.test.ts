import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { architectureFile, renderArchitecture } from "../../scripts/architecture.ts";
import { root } from "../../scripts/process.ts";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "bench/README.md",
  ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`),
];

describe("documents", () => {
  it("docs/architecture.md is drawn from the tree as it is (node scripts/architecture.ts)", async () => {
    expect(readFileSync(architectureFile, "utf8")).toBe(await renderArchitecture());
  });

  for (const page of pages) {
    it(`${page} names no path that is not there`, () => {
      const text = readFileSync(join(root, page), "utf8");
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) =>
        join(dirname(page), match[1] ?? ""),
      );
      const code = [
        ...text.matchAll(/`((?:apps|bench|bin|conf|docs|internal|pkg|plugins|scripts|test|web)\/[\w./-]+)`/g),
      ].map((match) => match[1] ?? "");
      expect([...links, ...code].filter((path) => !existsSync(join(root, path)))).toEqual([]);
    });
  }
});
