import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin, withTelegraf } from "#test/fixtures/requirements.ts";
import { siteConfig } from "./config.ts";
import { openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline } from "./devices.ts";

const said = `a"b'\n[[inputs.exec]]\ncommands=["id"]\n\${HOME} $HOME @{s:k} <script>x</script> \\ z`;
/** A name is one line; nothing else of it changes. */
const shown = said.replaceAll("\n", " ");
const password = "correct horse battery";

describe.skipIf(telegrafBin === undefined)(withTelegraf("a device with a hostile name"), { timeout: 120_000 }, () => {
  let node: NodeProcess;
  let pdu: Awaited<ReturnType<typeof openDeltaPdu>>;
  // biome-ignore lint/suspicious/noExplicitAny: a device as REST shows it
  let device: any;
  beforeAll(async () => {
    pdu = await openDeltaPdu({ address: "127.0.66.7", sysName: said });
    const environment = { DETECTVIZ_ADMIN_PASSWORD: password, HOME: "/leaked" };
    node = await openNode({ config: siteConfig(), environment });
    device = await bringOnline(node, pdu);
  });
  afterAll(async () => {
    await node?.close();
    await pdu?.close();
  });

  it("is collected, and its name arrives as it is", async () => {
    expect(device.name).toBe(shown);
    const { data } = (await node.api("GET", '/api/v1/query?query=pdu_current{phase="L1"}')).body;
    expect(data.result.map(({ metric }: { metric: { name: string } }) => metric.name)).toEqual([shown]);
    const names = (await node.api("GET", "/api/v1/label/name/values")).body.data;
    expect(names).toContain(shown);
    expect(JSON.stringify(names)).not.toContain("leaked");
  });

  it("adds no input to Telegraf's files", async () => {
    const [unit = ""] = readdirSync(join(node.dataFolder, "telegraf/units"));
    const folder = join(node.dataFolder, "telegraf/units", unit);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".conf"));
    const inputs = files.flatMap((name) =>
      Object.keys(parse(readFileSync(join(folder, name), "utf8"))["inputs"] ?? {}),
    );
    expect(inputs.sort()).toEqual(["internal", "snmp"]);
    const [rollout] = (await node.api("GET", "/api/v1/rollouts")).body.items;
    expect(rollout).toMatchObject({ state: "applied", refused: [] });
  });

  it("stands escaped on pages", async () => {
    const login = await fetch(`${node.url}/login`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ name: "admin", password }),
    });
    expect(login.status).toBe(303);
    const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const escaped = "&lt;script&gt;x&lt;/script&gt;";
    for (const path of [`/devices/${device.id}`, "/overview", "/record-status?tab=rollouts", "/search?q=inputs"]) {
      const page = await fetch(node.url + path, { headers: { cookie } });
      const html = await page.text();
      expect([path, page.status]).toEqual([path, 200]);
      expect(html).not.toContain("<script>x");
      if (html.includes("[[inputs.exec]]")) expect(html).toContain(escaped);
      expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    }
    const own = await (await fetch(`${node.url}/devices/${device.id}`, { headers: { cookie } })).text();
    expect(own).toContain(escaped);
  });
});
