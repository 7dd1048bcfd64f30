import { globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Catalogue, parseCatalogue } from "#pkg/i18n/catalogue.ts";

const web = import.meta.dirname;
const pageNames = readdirSync(path.join(web, "pages"), { withFileTypes: true }).filter((one) => one.isDirectory());

/** Names, units and keys of the keyboard are the same in every language. */
const sameEverywhere = new Set([
  "Detectviz",
  "English",
  "繁體中文",
  "Ctrl K",
  "Esc",
  "g",
  "/s",
  "https://",
  "SNMP",
  "Modbus TCP",
  "CSV",
]);
const bareAttributes = new Set(["disabled", "selected", "checked"]);

function readCatalogue(file: string): Catalogue {
  return parseCatalogue(parse(readFileSync(file, "utf8")), path.relative(web, file));
}

function sourcesIn(pattern: string): ts.SourceFile[] {
  const files = globSync(pattern, { cwd: web }).filter((file) => !/\.(test|client|d)\.ts$/.test(file));
  return files.map((file) =>
    ts.createSourceFile(file, readFileSync(path.join(web, file), "utf8"), ts.ScriptTarget.Latest, true),
  );
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

interface Keys {
  whole: Set<string>;
  beginnings: string[];
  endings: string[];
}

/** Every text that could be a key, and the beginnings and endings of those that are put together. */
function keysIn(sources: readonly ts.SourceFile[]): Keys {
  const keys: Keys = { whole: new Set(), beginnings: [], endings: [] };
  for (const source of sources) {
    visit(source, (node) => {
      if (ts.isStringLiteralLike(node)) keys.whole.add(node.text);
      if (!ts.isTemplateExpression(node)) return;
      const ending = node.templateSpans.at(-1)?.literal.text ?? "";
      if (/^[a-z][\w.]*\.$/.test(node.head.text)) keys.beginnings.push(node.head.text);
      if (node.head.text === "" && /^\.[a-z]\w*$/.test(ending)) keys.endings.push(ending);
    });
  }
  return keys;
}

/** The keys that are certainly asked for: `t("…")` with nothing to be put together. */
function askedIn(source: ts.SourceFile): string[] {
  const asked: string[] = [];
  visit(source, (node) => {
    if (!ts.isCallExpression(node) || !/(^|\.)t$/.test(node.expression.getText())) return;
    const [key] = node.arguments;
    if (key !== undefined && ts.isStringLiteralLike(key)) asked.push(key.text);
  });
  return asked;
}

const shared = readCatalogue(path.join(web, "words.yaml"));
const everywhere = keysIn([...sourcesIn("**/*.ts"), ...appSources()]);

function appSources(): ts.SourceFile[] {
  const folder = path.join(web, "../apps/viot-web/http/pages");
  return readdirSync(folder).map((file) =>
    ts.createSourceFile(file, readFileSync(path.join(folder, file), "utf8"), ts.ScriptTarget.Latest, true),
  );
}

function isUsed(key: string, { whole, beginnings, endings }: Keys): boolean {
  if (whole.has(key) || beginnings.some((beginning) => key.startsWith(beginning))) return true;
  return endings.some((ending) => key.endsWith(ending));
}

describe("words shared by all pages", () => {
  it("are all used", () => {
    expect(Object.keys(shared).filter((key) => !isUsed(key, everywhere))).toEqual([]);
  });
});

describe.each(pageNames.map((one) => one.name))("words of %s", (name) => {
  const own = readCatalogue(path.join(web, "pages", name, "words.yaml"));
  const sources = sourcesIn(`pages/${name}/*.ts`);

  it("hold every key that is asked for", () => {
    const asked = sources.flatMap(askedIn);
    expect(asked.filter((key) => !Object.hasOwn(own, key) && !Object.hasOwn(shared, key))).toEqual([]);
  });

  it("are all used", () => {
    const components = sourcesIn("components/*.ts");
    const used = keysIn([...sources, ...components]);
    expect(Object.keys(own).filter((key) => key !== "title" && !isUsed(key, used))).toEqual([]);
  });
});

describe("templates", () => {
  it("hold no text of their own", () => {
    const found: string[] = [];
    for (const source of [...sourcesIn("**/*.ts")]) {
      visit(source, (node) => {
        if (!ts.isTaggedTemplateExpression(node) || node.tag.getText() !== "html") return;
        found.push(...textsOf(node.template).map((text) => `${source.fileName}: ${text}`));
      });
    }
    expect(found).toEqual([]);
  });

  it("would be caught if they did", () => {
    const place = ["$", "{x}"].join(""); // of the template that is looked at, not of this one
    const code = `html\`<a title="Go there" href="${place}">Hello ${place} <b>你好</b></a>\``;
    const source = ts.createSourceFile("x.ts", code, ts.ScriptTarget.Latest, true);
    const found: string[] = [];
    visit(source, (node) => {
      if (ts.isTaggedTemplateExpression(node)) found.push(...textsOf(node.template));
    });
    expect(found).toEqual(["Go there", "Hello", "你好"]);
  });
});

/** Words for people in the fixed parts of a template: between tags, and in attributes that are read out. */
function textsOf(template: ts.TemplateLiteral): string[] {
  const chunks = ts.isNoSubstitutionTemplateLiteral(template)
    ? [template.text]
    : [template.head.text, ...template.templateSpans.map((span) => span.literal.text)];
  const markup = chunks.join("¦");
  const attributes = [...markup.matchAll(/\s(?:title|aria-label|placeholder|alt)="([^"]*)"/g)].map(
    (match) => match[1] ?? "",
  );
  const between = markup.replace(/<[^>]*>/g, "¦").replace(/[\w-]+="[^"¦]*"?|&\w+;/g, "");
  const texts = [...attributes, ...between.split("¦")].map((text) => text.trim());
  // samples of what to type hold a digit in front, an underscore or an equals sign
  return texts.filter(
    (text) =>
      /\p{L}/u.test(text) && !sameEverywhere.has(text) && !bareAttributes.has(text) && !/^\d|^\w+[_=]\w+$/.test(text),
  );
}
