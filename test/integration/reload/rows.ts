import { connect } from "node:net";
import type { NodeProcess } from "#test/fixtures/node-process.ts";

/** What a row may use. */
export interface Site {
  node: NodeProcess;
  /** Free ports of loopback. */
  ports: readonly number[];
  pluginFolder: string;
}

/** One key: the lines that set it, and what is seen before and after. Each row stands on the configuration of the last. */
export interface Row {
  key: string;
  toml(site: Site): string;
  before(site: Site): Promise<boolean>;
  after(site: Site): Promise<boolean>;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const get = async ({ node }: Site, path: string) => (await node.api("GET", path)).body;
const names = async (site: Site, path: string) =>
  (await get(site, path)).items.map((item: { name: string }) => item.name);
const scan = async ({ node }: Site, range: string) =>
  (
    await node.api("POST", "/api/v1/scans", {
      ranges: [range],
      protocols: ["snmp"],
      ports: { snmp: [9] },
      dry_run: true,
    })
  ).status;
const write = async ({ node }: Site, line: string) => (await node.write(line)).status;
const answers = async (url: string) => (await fetch(url).catch(() => undefined))?.ok === true;
const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.unref();
    setTimeout(() => socket.destroy(), 500).unref();
  });
const series = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => `limit,n=${from + i} value=1 ${Date.now()}`).join("\n");
const openWrite = async ({ node }: Site) =>
  (await fetch(`${node.url}/write?precision=ms`, { method: "POST", body: `open value=1 ${Date.now()}` })).status;

/** Series with a sample that is older than a day. */
const briefValues = async (site: Site) => {
  const query = `query=${encodeURIComponent("max_over_time(brief_value[2d])")}`;
  return (await get(site, `/api/v1/query?${query}`)).data?.result.length;
};

/** Rows of keys that are cheap to watch on a running node. */
export const rows: readonly Row[] = [
  {
    key: "scan.ranges",
    toml: () => '[[scan.ranges]]\nrange = "127.0.9.1"\nschedule = "0 3 * * *"\nat_start = false\n',
    before: async (site) => (await get(site, "/api/v1/jobs")).items.length === 0,
    after: async (site) => (await get(site, "/api/v1/jobs")).items.length === 1,
  },
  {
    key: "node.time_zone",
    toml: () => '[node]\ntime_zone = "Asia/Tokyo"\n',
    before: async (site) => (await get(site, "/api/v1/jobs")).items[0].time_zone !== "Asia/Tokyo",
    after: async (site) => (await get(site, "/api/v1/jobs")).items[0].time_zone === "Asia/Tokyo",
  },
  {
    key: "scan.allow",
    toml: () => '[scan]\nallow = ["127.0.0.0/8", "192.0.2.0/24"]\n',
    before: async (site) => (await scan(site, "192.0.2.1")) !== 202,
    after: async (site) => (await scan(site, "192.0.2.1")) === 202,
  },
  {
    key: "scan.deny",
    toml: () => 'deny = ["127.0.9.9"]\n',
    before: async (site) => (await scan(site, "127.0.9.9")) === 202,
    after: async (site) => (await scan(site, "127.0.9.9")) !== 202,
  },
  {
    key: "storage.metrics.retention",
    toml: () => '[storage.metrics]\nretention = "2d"\n',
    before: async (site) => (await write(site, `old value=1 ${Date.now() - 5 * dayMs}`)) === 204,
    after: async (site) => (await write(site, `old value=1 ${Date.now() - 5 * dayMs}`)) === 400,
  },
  {
    key: "storage.metrics.retentions",
    toml: () => '[storage.metrics.retentions]\nbrief = "1h"\n',
    before: async (site) => {
      await write(site, `brief value=7 ${Date.now() - 30 * hourMs}`);
      return (await briefValues(site)) === 1;
    },
    after: async (site) => (await briefValues(site)) === 0,
  },
  {
    key: "ingest.auth",
    toml: () => '[ingest]\nauth = "none"\n',
    before: async (site) => (await openWrite(site)) === 401,
    after: async (site) => (await openWrite(site)) === 204,
  },
  {
    key: "ingest.max_ahead",
    toml: () => 'max_ahead = "3d"\n',
    before: async (site) => (await write(site, `open value=1 ${Date.now() + 2 * dayMs}`)) === 400,
    after: async (site) => (await write(site, `open value=1 ${Date.now() + 2 * dayMs}`)) === 204,
  },
  {
    key: "ingest.queue",
    toml: () => 'queue = "77MB"\n',
    before: async (site) => !(await get(site, "/api/health")).parts.ingest.detail.includes(`${77 * 1024 * 1024}`),
    after: async (site) => (await get(site, "/api/health")).parts.ingest.detail.includes(`${77 * 1024 * 1024}`),
  },
  {
    key: "storage.metrics.series_limit",
    toml: () => "[storage.metrics]\nseries_limit = 1000\n",
    before: async (site) => (await write(site, series(1100, 0))) === 204,
    after: async (site) => (await write(site, `beyond,n=${Math.random()} value=1`)) !== 204,
  },
  {
    key: "ingest.max_body",
    toml: () => '[ingest]\nmax_body = "1KB"\n',
    before: async (site) => (await write(site, `# ${"x".repeat(2000)}\nopen value=1`)) === 204,
    after: async (site) => (await write(site, `# ${"x".repeat(2000)}\nopen value=1`)) === 413,
  },
  {
    key: "notifier.queue_limit",
    toml: () => "[notifier]\nqueue_limit = 77\n",
    before: async (site) => !(await get(site, "/api/health")).parts.notifier.detail.includes("at most 77 messages"),
    after: async (site) => (await get(site, "/api/health")).parts.notifier.detail.includes("at most 77 messages"),
  },
  {
    key: "demo.http",
    toml: ({ ports }) => `[demo]\nhttp = "127.0.0.1:${ports[0]}"\n`,
    before: async ({ ports }) => !(await listens(ports[0] ?? 0)),
    after: async ({ ports }) => !(await listens(ports[0] ?? 0)), // seen with the two rows that follow
  },
  {
    key: "demo.smtp",
    toml: ({ ports }) => `smtp = "127.0.0.1:${ports[1]}"\n`,
    before: async ({ ports }) => !(await listens(ports[1] ?? 0)),
    after: async ({ ports }) => !(await listens(ports[1] ?? 0)),
  },
  {
    key: "demo.enabled",
    toml: () => "enabled = true\n",
    before: async ({ ports }) => !(await answers(`http://127.0.0.1:${ports[0]}/`)),
    after: async ({ ports }) => (await answers(`http://127.0.0.1:${ports[0]}/`)) && (await listens(ports[1] ?? 0)),
  },
  {
    key: "contacts",
    toml: () => '[[contacts]]\nname = "late"\n',
    before: async (site) => !(await names(site, "/api/v1/contacts")).includes("late"),
    after: async (site) => (await names(site, "/api/v1/contacts")).includes("late"),
  },
  {
    key: "routes",
    toml: () => '[[routes]]\nname = "late route"\ncontacts = ["late"]\n',
    before: async (site) => !(await names(site, "/api/v1/routes")).includes("late route"),
    after: async (site) => (await names(site, "/api/v1/routes")).includes("late route"),
  },
  {
    key: "rules",
    toml: () => '[[rules]]\nname = "late rule"\ncondition = "x > 1"\nlevel = "warning"\n',
    before: async (site) => !(await names(site, "/api/v1/rules")).includes("late rule"),
    after: async (site) => (await names(site, "/api/v1/rules")).includes("late rule"),
  },
  {
    key: "plugins.folders",
    toml: ({ pluginFolder }) => `[plugins]\nfolders = [${JSON.stringify(pluginFolder)}]\n`,
    before: async (site) => (await get(site, "/api/v1/plugins")).items.every((one: { id: string }) => one.id !== "own"),
    after: async (site) =>
      (await get(site, "/api/v1/plugins")).items.some(
        (one: { id: string; state: string }) => one.id === "own" && one.state === "enabled",
      ),
  },
  {
    key: "plugins.notifier",
    toml: () => "[plugins.notifier.gone]\na = 1\n",
    before: async (site) => !JSON.stringify(await get(site, "/api/v1/plugins")).includes("belongs to no plugin"),
    after: async (site) => JSON.stringify(await get(site, "/api/v1/plugins")).includes("belongs to no plugin"),
  },
  {
    key: "telemetry.log_level",
    toml: () => '[telemetry]\nlog_level = "error"\n',
    before: async ({ node }) => node.log().includes('"level":"info"'),
    after: async ({ node }) => node.log().length > 0, // what it leaves out is looked at after all rows
  },
];
