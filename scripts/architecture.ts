import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import { options } from "../dependency-rules.ts";
import { root } from "./process.ts";

/** The page whose last part is drawn from the imports of the tree. */
export const architectureFile = join(root, "docs/architecture.md");
const marker = "<!-- drawn by scripts/architecture.ts; do not edit below -->";

/** What the page has to say for the tree as it is. */
export async function renderArchitecture(): Promise<string> {
  const page = readFileSync(architectureFile, "utf8");
  const written = page.slice(0, page.indexOf(marker));
  return `${written}${marker}\n\n${draw(await readImports())}\n`;
}

/** Rooms (`internal/rule`, `pkg/tsdb` …) and which others each one imports, with the number of import lines. */
async function readImports(): Promise<Map<string, Map<string, number>>> {
  const { output } = await cruise(["apps", "internal", "pkg", "plugins", "web"], { ...options, baseDir: root });
  if (typeof output === "string") throw new Error("dependency-cruiser gave text instead of a result");
  const rooms = new Map<string, Map<string, number>>();
  for (const { source, dependencies } of output.modules) {
    const from = roomOf(source);
    if (from === undefined || /\.(test|fixture)\.ts$/.test(source)) continue;
    const others = rooms.get(from) ?? new Map<string, number>();
    rooms.set(from, others);
    for (const { resolved } of dependencies) {
      const to = roomOf(resolved);
      if (to !== undefined && to !== from) others.set(to, (others.get(to) ?? 0) + 1);
    }
  }
  return rooms;
}

function roomOf(file: string): string | undefined {
  const [top, room] = file.split("/");
  return top !== undefined && room !== undefined && /^(apps|internal|pkg|plugins|web)$/.test(top)
    ? `${top}/${room}`
    : undefined;
}

function draw(rooms: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  const modules = [...rooms].filter(([room]) => room.startsWith("internal/")).sort();
  const edges = modules.flatMap(([from, others]) =>
    [...others.keys()]
      .filter((to) => to.startsWith("internal/"))
      .sort()
      .map((to) => `  ${short(from)} --> ${short(to)}`),
  );
  const rows = [...rooms].sort().map(
    ([room, others]) =>
      `| \`${room}\` | ${
        [...others.keys()]
          .sort()
          .map((to) => `\`${to}\``)
          .join(" ") || "–"
      } |`,
  );
  return [
    "## Which module knows which (types of `contract.ts` only)",
    "",
    "```mermaid",
    "graph LR",
    ...edges,
    "```",
    "",
    "## Every room and what it imports",
    "",
    "| room | imports |",
    "|---|---|",
    ...rows,
  ].join("\n");
}

function short(room: string): string {
  return room.split("/")[1] ?? room;
}

if (process.argv[1] === import.meta.filename) writeFileSync(architectureFile, await renderArchitecture());
