import path from "node:path";
import { expect, it } from "vitest";
import { openDocuments } from "./documents.ts";

const documents = openDocuments(path.join(import.meta.dirname, "../../../.."));

it("reads what lies under docs", async () => {
  expect(await documents.read("plugins")).toContain("# Plugins");
});

it.each(["nope", "../README", "..%2fREADME", "", "plugins.md", "/etc/passwd", "a/b"])(
  "does not hold %j",
  async (name) => {
    expect(await documents.read(name)).toBeUndefined();
  },
);
