import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callNode } from "../apps/viot-web/cli/node-client.ts";
import { start } from "../apps/viot-web/cli/start.ts";

// A node for a load: `serve.ts DIR PORT [HOOK] [--rules N]`. This very process is the node, so that what is
// measured is what is served. No demo, no Telegraf, nobody needs a token from loopback.

const [folder, port, ...rest] = process.argv.slice(2);
if (folder === undefined || port === undefined) throw new Error("serve.ts DIR PORT [HOOK] [--rules N]");
const hook = rest.find((word) => word.startsWith("http"));
const rules = Number(rest[rest.indexOf("--rules") + 1] || 0);

const latencyRule = `
[[rules]]
name = "Over"
condition = "lat_value > 0.5"
level = "warning"
[[contacts]]
name = "hook"
channels = [{ type = "webhook", url = "${hook}" }]
`;
const thresholdRules = Array.from(
  { length: rules },
  (_, index) => `[[rules]]\nname = "Load${index}"\ncondition = "pdu_current > ${500 + index}"\nlevel = "warning"\n`,
);

mkdirSync(folder, { recursive: true });
const configFile = join(folder, "detectviz.conf");
writeFileSync(
  configFile,
  `[http]\nlisten = "127.0.0.1:${port}"\n[ingest]\nauth = "none"\n[storage.metrics]\nretention = "none"\n[telemetry]\nlog_level = "warn"\n${hook === undefined ? "" : latencyRule}${thresholdRules.join("")}`,
);
const dataFolder = join(folder, "data");
await start({ config: configFile, data: dataFolder, json: false });
// For loads that ask as well: see with_token.py. Not at once: a site that starts makes no token either.
await new Promise((resolve) => setTimeout(resolve, 1000));
const made = await callNode(dataFolder, "POST", "/api/v1/tokens", { name: "bench", role: "viewer" });
if (made) writeFileSync(join(folder, "token"), (made.body as { token: string }).token);
