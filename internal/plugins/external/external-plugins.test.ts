import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NotificationMessage, NotifierPlugin } from "#pkg/contracts/notifier.ts";
import type { PluginHttp } from "#pkg/contracts/plugin.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openPluginFolder } from "#test/fixtures/plugin-folder.ts";
import { until } from "#test/fixtures/until.ts";
import { createForgetfulStates } from "../states.ts";
import { type ExternalPlugins, openExternalPlugins } from "./external-plugins.ts";

const limits = { memoryMb: 32, loadMs: 6000, callMs: 5000, graceMs: 1500, pulseMs: 2500, drainMs: 20_000 };
// What these plugins look at is `receiver`; the rest of a message is the notifier's business.
const message = { receiver: "ops", target: { url: "http://a/" } } as unknown as NotificationMessage;

describe("external plugins", () => {
  let folder: ReturnType<typeof openPluginFolder>;
  let plugins: ExternalPlugins;
  let states: ReturnType<typeof createForgetfulStates>;
  let sections: Record<string, unknown>;
  let log: string[];
  let post: PluginHttp["post"];
  beforeEach(() => {
    folder = openPluginFolder();
    states = createForgetfulStates();
    sections = {};
    log = [];
    post = async (url) => ({ ok: true, status: 200, text: url });
  });
  afterEach(async () => {
    await plugins.close();
    folder.close();
  });

  const settings = () => ({
    folders: [folder.folder],
    limits,
    of: (_: string, id: string) => structuredClone(sections[id]),
    sections: Object.keys(sections).map((id) => ({ kind: "notifier" as const, id })),
    locate: () => "detectviz.conf:7",
  });
  const refresh = () => plugins.use(settings());
  async function open() {
    const http = { post: (url: string, options: Parameters<PluginHttp["post"]>[1]) => post(url, options) };
    plugins = await openExternalPlugins(
      {
        isBuiltIn: (kind, id) => kind === "notifier" && id === "webhook",
        states,
        http,
        log: { ...silentLogger, error: (_, text) => log.push(text), child: () => silentLogger },
        scrub: (text) => text.replaceAll("hunter2", "…"),
      },
      settings(),
    );
  }
  const notifier = (id: string): NotifierPlugin => {
    const found = plugins.registry("notifier").get(id);
    if (!found) throw new Error(`${id} is not there: ${JSON.stringify(plugins.list())}`);
    return found;
  };
  const send = (id: string, signal = new AbortController().signal) => notifier(id).send(message, signal);
  const report = (id: string) => plugins.list().find((one) => one.id === id);

  it("finds, checks and runs one, with its settings and the host's HTTP, clock and log", async () => {
    folder.put("teams", {
      create: "const { prefix } = host.config; host.log.info({ a: 1 }, 'made');",
      send: "const { status, text } = await host.http.post(message.target.url, { json: {}, signal }); return { delivered: true, status, detail: prefix + text + (host.now() > 1e12) };",
    });
    sections["teams"] = { prefix: "to " };
    await open();
    expect(await send("teams")).toEqual({ delivered: true, status: 200, detail: "to http://a/true" });
    expect(report("teams")).toMatchObject({ state: "enabled", version: "1.0.0", reason: null });
    expect(plugins.schemasOf("notifier", "teams")?.target).toMatchObject({ type: "object" });
  });

  it("runs TypeScript", async () => {
    folder.put("typed", {
      file: "index.ts",
      load: "const word: string = 'typed';",
      send: "return { delivered: true, status: word, detail: '' };",
    });
    await open();
    expect(await send("typed")).toMatchObject({ status: "typed" });
  });

  it.each([
    ["throws at load", { load: "throw new Error('no library');" }, "it cannot be loaded: no library"],
    ["has a syntax error", { load: "const = 1;" }, "it cannot be loaded"],
    ["throws at create", { create: "throw new TypeError('no key');" }, /create\(\) threw: no key/],
    ["ends itself at load", { load: "process.exit(3);" }, "ended by itself with code 3"],
    [
      "exports another id",
      { load: "", manifest: { kind: "notifier", id: "other", version: "1.0.0" } },
      "plugin.json says notifier/other",
    ],
    ["gives no send()", { more: "send: 1," }, /lacks send\(\)/],
    ["gives no target", { more: "target: 'x'," }, "lacks target"],
    ["has no schema", { config: "'x'" }, "config must be a JSON schema"],
  ])("switches off one that %s, with one message, and the other works", async (_, body, reason) => {
    folder.put("bad", body);
    folder.put("good");
    await open();
    const bad = plugins.list().find((one) => one.id !== "good");
    expect(bad).toMatchObject({ state: "off", reason: expect.stringMatching(reason) });
    expect(log).toHaveLength(1);
    expect(await send("good")).toMatchObject({ delivered: true });
  });

  it("switches off those that hang or loop at load or create, with one message each, and the other works", async () => {
    folder.put("hangs", { load: "await new Promise((done) => setTimeout(done, 1e6));" });
    folder.put("loops", { load: "for (;;);" });
    folder.put("idles", { create: "for (;;);" });
    folder.put("good");
    await open();
    expect(report("hangs")).toMatchObject({ state: "off", reason: expect.stringContaining("did not load within") });
    expect(report("loops")).toMatchObject({ state: "off", reason: expect.stringContaining("did not load within") });
    const reason = expect.stringMatching(/did not answer to create|endless loop/);
    expect(report("idles")).toMatchObject({ state: "off", reason });
    expect(log).toHaveLength(3);
    expect(await send("good")).toMatchObject({ delivered: true });
  });

  it.each([
    ["throws", "throw new TypeError('x is not a function');", "it threw: x is not a function"],
    [
      "gives the wrong shape",
      "return { delivered: 'yes' };",
      'broke its contract (docs/plugins.md): it gave {"delivered":"yes"}',
    ],
    ["gives nothing", "", "it gave undefined"],
    ["gives what has no JSON", "const a = {}; a.a = a; return a;", "circular"],
    [
      "eats memory",
      "const all = []; for (;;) { all.push(new Array(1e5).fill(Math.random())); await null; }",
      "more than 32 MB",
    ],
    [
      "eats memory outside the heap",
      "globalThis.all = []; for (let i = 0; i < 80; i++) all.push(Buffer.alloc(1e6, 1)); await new Promise((done) => setTimeout(done, 1e6));",
      "more than 32 MB",
    ],
    [
      "throws outside of its call",
      "setTimeout(() => { throw new Error('later'); }); await new Promise(() => setTimeout(() => {}, 1e6));",
      "threw outside a call: later",
    ],
    ["ends its thread", "process.exit(0);", "ended by itself with code 0"],
  ])("switches off one whose call %s; the call fails, and the other works", async (_, body, reason) => {
    folder.put("bad", { send: body });
    folder.put("good");
    await open();
    const failing = send("bad").catch((error: Error) => error.message);
    expect(await send("good")).toMatchObject({ delivered: true });
    expect(await failing).toEqual(expect.any(String));
    await until(() => report("bad")?.state === "off");
    const told = report("bad")?.reason ?? "";
    expect(told).toContain(reason);
    expect(told).toContain("npx detectviz plugin enable notifier bad");
    expect(log).toEqual([told]);
    expect(await send("good")).toMatchObject({ delivered: true });
  });

  it("switches off those whose call hangs or loops; the calls fail, and the other works", async () => {
    folder.put("hangs", { send: "await new Promise((done) => setTimeout(done, 1e6));" });
    folder.put("loops", { send: "for (;;);" });
    folder.put("good");
    await open();
    const failing = ["hangs", "loops"].map((id) => send(id).catch((error: Error) => error.message));
    expect(await send("good")).toMatchObject({ delivered: true });
    expect(await Promise.all(failing)).toEqual([expect.any(String), expect.any(String)]);
    await until(() => report("hangs")?.state === "off" && report("loops")?.state === "off");
    const told = ["hangs", "loops"].map((id) => report(id)?.reason ?? "");
    expect(told[0]).toContain("send() gave no result within 5000 ms");
    expect(told[1]).toContain("has not answered for 2500 ms");
    for (const id of [0, 1]) expect(told[id]).toContain(`plugin enable notifier ${["hangs", "loops"][id]}`);
    expect(log.toSorted()).toEqual(told.toSorted());
    expect(await send("good")).toMatchObject({ delivered: true });
  });

  it("does not blame a plugin for the world: a refused connection, a caller that gave up", async () => {
    post = () => Promise.reject(new Error("connect ECONNREFUSED"));
    folder.put("away", { send: "await host.http.post('http://a/', { json: 1, signal });" });
    folder.put("own", {
      load: "import net from 'node:net';",
      send: "await new Promise((_, no) => net.connect(1, '127.0.0.1').on('error', no));",
    });
    folder.put("patient", {
      send: "await new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)));",
    });
    await open();
    await expect(send("away")).rejects.toThrow("ECONNREFUSED");
    await expect(send("own")).rejects.toThrow("ECONNREFUSED");
    await expect(send("patient", AbortSignal.timeout(50))).rejects.toThrow(/abort/);
    expect(plugins.list().map((one) => one.state)).toEqual(["enabled", "enabled", "enabled"]);
  });

  it("switches off one that goes on although its caller gave up", async () => {
    folder.put("deaf", { send: "await new Promise((done) => setTimeout(done, 1e6));" });
    await open();
    await expect(send("deaf", AbortSignal.timeout(50))).rejects.toThrow("after it was told to end");
    expect(report("deaf")?.state).toBe("off");
  });

  it("finds one that is put there while running, takes its new version, and lets it go", async () => {
    await open();
    folder.put("late");
    await until(() => report("late")?.state === "enabled");
    folder.put("late", { version: "2.0.0", send: "return { delivered: true, status: 'two', detail: '' };" });
    await until(() => report("late")?.version === "2.0.0");
    expect(await send("late")).toMatchObject({ status: "two" });
    folder.remove("late");
    await until(() => report("late")?.state === "off");
    expect(report("late")?.reason).toContain("its folder is gone");
  });

  it("lets a call under way end on the old version while new calls go to the new one", async () => {
    const wait = "await new Promise((done) => setTimeout(done, 1000));";
    folder.put("swap", { send: `${wait} return { delivered: true, status: 'one', detail: '' };` });
    await open();
    const underWay = send("swap");
    folder.put("swap", { version: "2.0.0", send: "return { delivered: true, status: 'two', detail: '' };" });
    await refresh();
    expect(await send("swap")).toMatchObject({ status: "two" });
    expect(await underWay).toMatchObject({ status: "one" });
  });

  it("keeps the old version when the new one fails its check, and says so", async () => {
    folder.put("swap", { send: "return { delivered: true, status: 'one', detail: '' };" });
    await open();
    folder.put("swap", { version: "2.0.0", load: "throw new Error('half copied');" });
    await refresh();
    expect(await send("swap")).toMatchObject({ status: "one" });
    expect(report("swap")).toMatchObject({
      state: "enabled",
      version: "1.0.0",
      reason: expect.stringContaining("2.0.0 is not used, 1.0.0 goes on"),
    });
  });

  it("remembers what failed until another version lies there or it is enabled again", async () => {
    folder.put("bad", { send: "throw new Error('password hunter2');" });
    await open();
    await expect(send("bad")).rejects.toThrow();
    await until(() => states.get("notifier", "bad")?.fault != null);
    await plugins.close();
    await open();
    expect(report("bad")).toMatchObject({ state: "off", reason: expect.stringContaining("password …") });
    await plugins.apply("notifier", "bad", true);
    expect(report("bad")?.state).toBe("off"); // its state still holds the fault: `setEnabled` clears it
    folder.put("bad", { version: "1.0.1" });
    await refresh();
    expect(report("bad")).toMatchObject({ state: "enabled", reason: null });
  });

  it("takes over settings that changed, and names the line of wrong ones while the old go on", async () => {
    folder.put("set", { send: "return { delivered: true, status: host.config.prefix, detail: '' };" });
    await open();
    sections["set"] = { prefix: "new" };
    await refresh();
    expect(await send("set")).toMatchObject({ status: "new" });
    sections["set"] = { prefix: 3 };
    await refresh();
    expect(await send("set")).toMatchObject({ status: "new" });
    expect(report("set")?.reason).toContain("detectviz.conf:7 [plugins.notifier.set] prefix");
  });

  it("takes over limits that changed", async () => {
    folder.put("slow", {
      send: "await new Promise((done) => setTimeout(done, 300)); return { delivered: true, status: 1, detail: '' };",
    });
    await open();
    expect(await send("slow")).toMatchObject({ delivered: true });
    await plugins.use({ ...settings(), limits: { ...limits, callMs: 100 } });
    await expect(send("slow")).rejects.toThrow("no result within 100 ms");
  });

  it("refuses the id of a built-in one and an id that is there twice", async () => {
    folder.put("mine", { manifest: { kind: "notifier", id: "webhook", version: "1.0.0" } });
    folder.put("a");
    folder.put("b", { manifest: { kind: "notifier", id: "a", version: "1.0.0" } });
    await open();
    expect(report("mine")).toMatchObject({
      state: "off",
      reason: expect.stringContaining("notifier/webhook is a built-in plugin"),
    });
    expect(report("b")).toMatchObject({ state: "off", reason: expect.stringContaining("take one of the two away") });
    expect(report("a")).toMatchObject({ state: "enabled" });
  });

  it("says of a section that no plugin belongs to it", async () => {
    sections["tems"] = {};
    await open();
    expect(report("tems")?.reason).toContain("detectviz.conf:7: [plugins.notifier.tems] belongs to no plugin");
  });

  it("says which folder cannot be read", async () => {
    folder.close();
    await open();
    expect(plugins.list()[0]?.reason).toContain("correct [plugins] folders");
  });

  it("draws devices out of a scanner one by one, with its progress and journal, and ends it at the caller's signal", async () => {
    folder.put("lan", {
      kind: "scanner",
      more: `async *scan({ addresses }, { progress, journal, signal }) {
        let sent = 0;
        for (const address of addresses) {
          journal({ atMs: 1, target: address, sent: "hello", outcome: "answered" });
          progress(++sent, sent);
          yield { endpoint: { protocol: "snmp", address, port: 161, version: "2c", community: "public" }, kind: "pdu",
            profile: null, vendor: null, model: null, serial: null, firmware: null, sysName: address, sysDescr: null,
            sysObjectId: null, readings: [], problems: [] };
          if (signal.aborted) return;
        }
      },
      async probe() { return { kind: "pdu" }; },`,
    });
    await open();
    const scanner = plugins.registry("scanner").get("lan");
    const addresses = Array.from({ length: 5000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const controller = new AbortController();
    const seen = { found: 0, journal: 0, sent: 0 };
    const pace = { perSecond: 0, perNetworkPerSecond: 0, perDeviceMs: 0, afterConnectMs: 0, timeoutMs: 1, retries: 0 };
    const context = {
      pace,
      signal: controller.signal,
      progress: (sent: number) => {
        seen.sent = sent;
      },
      journal: () => void seen.journal++,
    };
    const task = { addresses, total: 5000, ports: [161], credentials: [], busy: new Set<string>(), profiles: [] };
    for await (const found of scanner?.scan(task, context) ?? []) {
      seen.found++;
      if (found.sysName === "10.0.19.0") controller.abort();
    }
    expect(seen.found).toBeGreaterThan(4864);
    expect(seen.found).toBeLessThan(4870);
    expect(seen.journal).toBe(seen.found);
    expect(seen.sent).toBe(seen.found);
    const endpoint = { protocol: "snmp", address: "10.0.0.1", port: 161, version: "2c", community: "public" } as const;
    const live = { ...context, signal: new AbortController().signal };
    await expect(scanner?.probe(endpoint, [], live)).rejects.toThrow("probe() broke its contract");
  });
});
