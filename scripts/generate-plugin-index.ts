import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const pluginsFolder = join(import.meta.dirname, "../plugins");

/** The file that imports every `plugins/<kind>s/<id>/index.ts`, sorted, so that adding a plugin adds one line. */
export const pluginIndexFile = join(pluginsFolder, "index.gen.ts");

/** What the index has to say for the folders as they are. */
export function renderPluginIndex(): string {
  const plugins = foldersOf(pluginsFolder).flatMap((kind) =>
    foldersOf(join(pluginsFolder, kind))
      .filter((id) => existsSync(join(pluginsFolder, kind, id, "index.ts")))
      .map((id) => ({ name: toName(`${kind}-${id}`), path: `./${kind}/${id}/index.ts` })),
  );
  return [
    "// Made by scripts/generate-plugin-index.ts; run it after a plugin folder came or went.",
    'import type { Plugin } from "#pkg/contracts/plugin.ts";',
    ...plugins.map(({ name, path }) => `import ${name} from "${path}";`),
    "",
    "/** Every plugin that ships with Detectviz. */",
    `export const plugins: readonly Plugin[] = [${plugins.map(({ name }) => name).join(", ")}];`,
    "",
  ].join("\n");
}

function foldersOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function toName(path: string): string {
  return path.replace(/[^a-zA-Z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase());
}

if (process.argv[1] === import.meta.filename) writeFileSync(pluginIndexFile, renderPluginIndex());
