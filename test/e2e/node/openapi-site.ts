import { join } from "node:path";
import { callNode } from "#apps/viot-web/cli/node-client.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin } from "#test/fixtures/requirements.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig, withoutTelegraf } from "./config.ts";
import { addDeadLetter } from "./dead-letter.ts";
import { openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline, scan } from "./devices.ts";
import { named, type Question, type Route } from "./openapi-routes.ts";

const config = siteConfig(`[data.sources.racks]
type = "sql"
table = "site_racks"
key = "name"
columns = { name = "text", height = "integer?" }
writable = true
[[rules]]
name = "Load"
condition = "x_load > 10"
level = "warning"
[[contacts]]
name = "Duty"
channels = [{ type = "webhook", url = "http://127.0.0.1:9/" }]
[[scan.ranges]]
range = "127.0.67.9"
protocols = ["snmp"]
schedule = "0 0 1 1 *"
at_start = false
`);

/** A node with one of everything, so that every route has something to answer about. */
export async function openSite() {
  const pdu = await openDeltaPdu({ address: "127.0.67.8" });
  const node = await openNode({ config, environment: telegrafBin === undefined ? withoutTelegraf : {} });
  const close = async () => {
    await node.close();
    await pdu.close();
  };
  try {
    await (telegrafBin === undefined ? scan(node, pdu) : bringOnline(node, pdu));
    await node.write("x,device=d,name=d load=20");
    await until(async () => (await firstOf(node, "alerts?scope=firing")) !== undefined);
    await until(async () => (await firstOf(node, "notifications")) !== undefined);
    const dead = () => addDeadLetter(node.dataFolder, "autodeploy");
    return { node, pdu, close, valuesOf: (route: Route) => valuesOf(node, route, dead) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The newest record of a list, or one that fits. */
async function firstOf(node: NodeProcess, list: string, fits: (one: Record<string, string>) => boolean = () => true) {
  const { body } = await node.api("GET", `/api/v1/${list}`);
  return (body.items as Record<string, string>[]).find(fits);
}

/** What stands in the path of a route: a record that is there. Empty when the example is one. */
async function valuesOf(node: NodeProcess, route: Route, dead: () => string): Promise<Record<string, string>> {
  const [list = ""] = route.path.replace("/api/v1/", "").split("/");
  if (route.path.includes("/dead-letters/{")) return { group: "autodeploy", id: dead() };
  if (list === "plugins") return { id: "webhook" };
  if (list === "data" || !route.path.includes("{id}")) return {};
  const isChange = route.method !== "GET";
  const fits: Record<string, (one: Record<string, string>) => boolean> = {
    contacts: ({ name }) => !isChange || name === "Operations",
    rules: ({ name }) => !isChange || name === "PhaseOverload",
    tokens: ({ name }) => name === "telegraf in hall 2",
  };
  const found = await firstOf(node, list, fits[list]);
  const id = found?.["id"] ?? found?.["name"];
  if (id === undefined) return {};
  if (!route.path.includes("{a}")) return { id };
  const { body } = await node.api("GET", `/api/v1/telegraf-units/${id}/snapshots`);
  const hashes = (body.items as { hash: string }[]).map(({ hash }) => hash);
  return { id, a: hashes.at(-1) ?? "", b: hashes[0] ?? "" };
}

/** These are for commands on the node's own machine: they come through its socket, here as there. */
const throughSocket = [
  "POST /api/v1/backups",
  "POST /api/v1/config/compare",
  "POST /api/v1/secrets",
  "DELETE /api/v1/secrets/{name}",
  "POST /api/v1/secrets/{name}/rotate",
  "POST /api/v1/secret-key/renew",
];

/** Asks a route that is for commands; undefined when it is none. Throws what it refuses. */
export function askBySocket({ dataFolder, folder }: NodeProcess, route: Route, { url, body }: Question) {
  if (!throughSocket.includes(named(route))) return undefined;
  // Its example is a folder of the whole machine.
  const given = route.path.endsWith("/backups") ? { folder: join(folder, "copy") } : body && JSON.parse(body);
  return callNode(dataFolder, route.method as "POST" | "DELETE", url, given);
}
