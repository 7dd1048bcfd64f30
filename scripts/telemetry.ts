import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "#apps/viot-web/compose.ts";
import { readNodeConfig } from "#apps/viot-web/config/config.ts";
import { createTeardown } from "#pkg/lifecycle/teardown.ts";
import type { MetricFamily } from "#pkg/telemetry/port.ts";
import { root } from "./process.ts";

/** The page whose last part lists the metrics of a node. */
export const telemetryFile = join(root, "docs/telemetry.md");
const marker = "<!-- drawn by scripts/telemetry.ts; do not edit below -->";

/** What the page has to say for the code as it is; starts a node on a free port (0) for it. */
export async function renderTelemetry(): Promise<string> {
  const page = readFileSync(telemetryFile, "utf8");
  const rows = (await collectFamilies()).map(toRow).sort();
  const table = ["| metric | kind | labels | meaning |", "|---|---|---|---|", ...rows].join("\n");
  return `${page.slice(0, page.indexOf(marker))}${marker}\n\n${table}\n`;
}

function toRow({ name, type, labels = [], help }: MetricFamily): string {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(" ")} | ${help} |`;
}

/** Every metric that a node with the defaults registers. */
async function collectFamilies(): Promise<MetricFamily[]> {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-telemetry-"));
  const file = join(folder, "detectviz.conf");
  writeFileSync(file, '[telemetry]\nlog_level = "error"\n[telegraf]\nbinary = "/nonexistent"\n');
  const readConfig = () => readNodeConfig(file, {}, "127.0.0.1:0");
  const teardown = createTeardown();
  try {
    const node = await compose({ config: readConfig(), readConfig, dataFolder: join(folder, "data"), teardown });
    return await node.telemetry.collect();
  } finally {
    await teardown.run();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) writeFileSync(telemetryFile, await renderTelemetry());
