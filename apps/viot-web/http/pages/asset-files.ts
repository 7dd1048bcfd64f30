import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { iconNames } from "#web/components/icons.ts";

/** Libraries by the name they are served under; everything else is ours. */
const libraries = {
  "lib/htmx.js": "htmx.org/dist/htmx.min.js",
  "lib/bootstrap.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
  "lib/adminlte.css": "admin-lte/dist/css/adminlte.min.css",
  "lib/tabulator.js": "tabulator-tables/dist/js/tabulator.min.js",
  "lib/tabulator.css": "tabulator-tables/dist/css/tabulator_bootstrap5.min.css",
  "lib/uplot.js": "uplot/dist/uPlot.iife.min.js",
  "lib/uplot.css": "uplot/dist/uPlot.min.css",
} as const;

/** Our own files that browsers may have: browser modules, what they share with the server, pictures and styles. */
const ownPatterns = ["web/**/*.client.ts", "web/static/*", "pkg/i18n/age.ts"];

/** The files that browsers get, by name, and one hash over all of them. */
export interface AssetFiles {
  /** Changes whenever any file does: it stands in every address. */
  hash: string;
  /** The file as it is sent, or undefined when there is none of that name. */
  read(name: string): { content: Buffer; type: string } | undefined;
}

/** Finds the files under `root` (the checkout). Reads each once for the hash; contents are not kept. */
export function openAssetFiles(root: string): AssetFiles {
  const files = new Map<string, string>(
    Object.entries(libraries).map(([name, file]) => [name, path.join(root, "node_modules", file)]),
  );
  for (const file of globSync(ownPatterns, { cwd: root })) files.set(toName(file), path.join(root, file));
  const hash = createHash("sha256").update(iconNames.join());
  for (const [name, file] of [...files].sort()) hash.update(name).update(readFileSync(file));
  return {
    hash: hash.digest("hex").slice(0, 12),
    read(name) {
      if (name === "icons.svg") return { content: sprite(root), type: types[".svg"] };
      const file = files.get(name);
      return file === undefined ? undefined : toSent(file);
    },
  };
}

const types = {
  ".js": "text/javascript; charset=utf-8",
  ".ts": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
} as const;

function toSent(file: string): { content: Buffer; type: string } {
  const extension = path.extname(file) as keyof typeof types; // only such files are in the patterns
  const content = readFileSync(file);
  if (extension !== ".ts") return { content: withoutSourceMap(content), type: types[extension] };
  return { content: Buffer.from(stripTypeScriptTypes(content.toString("utf8"))), type: types[extension] };
}

/** Source maps are not served: a browser with its tools open would ask for them in vain. */
function withoutSourceMap(content: Buffer): Buffer {
  return Buffer.from(content.toString("utf8").replace(/\n?\/[/*][#@] sourceMappingURL=[^\n]*/g, ""));
}

function sprite(root: string): Buffer {
  const symbols = iconNames.map((name) => {
    const svg = readFileSync(path.join(root, "node_modules/bootstrap-icons/icons", `${name}.svg`), "utf8");
    const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    return `<symbol id="${name}" viewBox="0 0 16 16" fill="currentColor">${inner.trim()}</symbol>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

function toName(file: string): string {
  return file.split(path.sep).join("/");
}
