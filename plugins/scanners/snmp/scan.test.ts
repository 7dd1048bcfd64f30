import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import { collect, scanContext, scanTask } from "#test/fixtures/scan.ts";
import {
  type AgentOptions,
  entry,
  openSnmpAgent,
  type SnmpAgent,
  type WalkEntry,
} from "#test/fixtures/snmp-responder.ts";
import { createSnmpScanner } from "./scan.ts";

const agents: SnmpAgent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
});

let nextHost = 0;
async function open(entries: WalkEntry[], options: Partial<AgentOptions> = {}): Promise<SnmpAgent> {
  const [first] = agents;
  const address = `127.61.0.${(nextHost++ % 250) + 1}`;
  const agent = await openSnmpAgent(entries, { address, ...(first ? { port: first.port } : {}), ...options });
  agents.push(agent);
  return agent;
}

const scanner = createSnmpScanner({ parallelDevices: 8, now: Date.now });
const community = { type: "snmp", version: "2c", community: "public" } as const;
const taskFor = (profiles: DeviceProfile[] = []) =>
  scanTask({
    addresses: agents.map(({ address }) => address),
    ports: [agents[0]?.port ?? 0],
    credentials: [community],
    profiles,
  });

const system = (name = "pdu-1") => [
  entry("1.3.6.1.2.1.1.1.0", "Acme PDU"),
  entry("1.3.6.1.2.1.1.2.0", "oid:1.3.6.1.4.1.99999.1"),
  entry("1.3.6.1.2.1.1.3.0", 4200),
  entry("1.3.6.1.2.1.1.5.0", name),
];
const readings = [entry("1.3.6.1.4.1.99999.2.1.0", 2301), entry("1.3.6.1.4.1.99999.3.1.0", "SN42")];
const table = [1, 2, 3].flatMap((row) => [
  entry(`1.3.6.1.4.1.99999.5.1.1.${row}`, `Outlet ${row}`),
  entry(`1.3.6.1.4.1.99999.5.1.2.${row}`, row === 2 ? -1 : 10 * row),
]);
const acme: DeviceProfile = {
  id: "acme/pdu",
  vendor: "Acme",
  model: "PDU",
  kind: "pdu",
  protocol: "snmp",
  match: { sysObjectId: "1.3.6.1.4.1.99999" },
  identity: { serial: { oid: "1.3.6.1.4.1.99999.3.1.0" } },
  readings: [
    { field: "voltage", kind: "voltage", unit: "V", scale: 0.1, oid: "1.3.6.1.4.1.99999.2.1.0" },
    {
      field: "current",
      kind: "current",
      unit: "A",
      scale: 0.1,
      absent: [-1],
      oid: "1.3.6.1.4.1.99999.5.1.2",
      part: "outlet",
      partOid: "1.3.6.1.4.1.99999.5.1.1",
    },
  ],
};

describe("SNMP scan", () => {
  it("finds, recognises and reads a device, and says where each value comes from", async () => {
    const agent = await open([...system(), ...readings, ...table]);
    const { context, journal, progress } = scanContext();
    const [device] = await collect(scanner, taskFor([acme]), context);
    expect(device).toMatchObject({
      endpoint: { protocol: "snmp", address: agent.address, port: agent.port, version: "2c", community: "public" },
      kind: "pdu",
      profile: "acme/pdu",
      vendor: "Acme",
      serial: "SN42",
      sysName: "pdu-1",
      problems: [],
    });
    expect(device?.readings).toContainEqual({
      field: "voltage",
      tags: {},
      kind: "voltage",
      unit: "V",
      scale: 0.1,
      value: 230.1,
      source: { type: "snmp", oid: "1.3.6.1.4.1.99999.2.1.0" },
    });
    const currents = device?.readings.filter(({ field }) => field === "current");
    expect(currents?.map(({ tags, value }) => [tags["outlet"], value])).toEqual([
      ["Outlet 1", 1],
      ["Outlet 3", 3],
    ]);
    expect(progress.at(-1)).toEqual([1, 1]);
    expect(journal.some(({ sent }) => sent.startsWith("GET sysDescr"))).toBe(true);
    expect(JSON.stringify(journal)).not.toContain("public");
  });

  it("names profile, field and OID of what does not answer, and uses the rest", async () => {
    await open([...system(), ...readings]);
    const [device] = await collect(scanner, taskFor([acme]), scanContext().context);
    expect(device?.problems).toEqual([
      { code: "reading_missing", detail: "profile acme/pdu, current: 1.3.6.1.4.1.99999.5.1.2 did not answer" },
    ]);
    expect(device?.readings.map(({ field }) => field)).toContain("voltage");
  });

  it("leaves out a value outside its range and says so", async () => {
    await open([...system(), ...readings, ...table]);
    const narrow = { ...acme, readings: acme.readings.map((reading) => ({ ...reading, max: 100 })) };
    const [device] = await collect(scanner, taskFor([narrow]), scanContext().context);
    expect(device?.readings.map(({ field }) => field)).not.toContain("voltage");
    expect(device?.problems[0]).toMatchObject({ code: "reading_implausible" });
  });

  it("keeps a hostile sysName as the plain text it is", async () => {
    const name = `a"\n[[inputs.exec]]\n  commands = ["id"]\n\${HOME} $HOME`;
    await open(system(name));
    const [device] = await collect(scanner, taskFor(), scanContext().context);
    expect(device).toMatchObject({ sysName: name, kind: "device", profile: "standard" });
  });

  it("finds a device that says nothing but sysDescr", async () => {
    await open([entry("1.3.6.1.2.1.1.1.0", "Unknown thing")]);
    const [device] = await collect(scanner, taskFor([acme]), scanContext().context);
    expect(device).toMatchObject({ kind: "device", profile: null, sysDescr: "Unknown thing", readings: [] });
    expect(device?.problems[0]?.code).toBe("no_profile");
  });

  it("asks a v1 device for each value although one missing name spoils a whole GET", async () => {
    await open([...system(), ...readings, ...table], { versions: [0] });
    const withMissing = {
      ...acme,
      readings: [
        ...acme.readings,
        { field: "frequency", kind: "frequency", unit: "Hz", oid: "1.3.6.1.4.1.99999.2.9.0" } as const,
      ],
    };
    const task = { ...taskFor([withMissing]), credentials: [community, { ...community, version: "1" } as const] };
    const [device] = await collect(scanner, task, scanContext().context);
    expect(device?.endpoint).toMatchObject({ version: "1" });
    expect(device?.readings.map(({ field }) => field).sort()).toEqual(["current", "current", "uptime", "voltage"]);
    expect(device?.problems.map(({ detail }) => detail)).toEqual([
      "profile acme/pdu, frequency: 1.3.6.1.4.1.99999.2.9.0 did not answer",
    ]);
  });

  it("asks again what was lost", async () => {
    await open([...system(), ...readings, ...table], { faults: { drop: 1 } });
    expect(await collect(scanner, taskFor([acme]), scanContext().context)).toHaveLength(1);
  });

  it("goes on by GETNEXT where GETBULK stays unanswered, and in smaller parts where a request is too big", async () => {
    await open([...system(), ...readings, ...table], { faults: { noBulk: true } });
    await open([...system(), ...readings, ...table], { faults: { maxVarBinds: 2 } });
    const found = await collect(scanner, taskFor([acme]), scanContext().context);
    expect(found.map(({ readings: all }) => all.length)).toEqual([4, 4]);
  });

  it("does not follow a walk that does not increase", async () => {
    await open([...system(), ...readings, ...table], { faults: { endless: true } });
    const [device] = await collect(scanner, taskFor([acme]), scanContext().context);
    expect(device?.problems.map(({ code }) => code)).toContain("odd_agent");
  });

  it("yields a device once although it answers twice, and by one community although several fit", async () => {
    await open(system(), { faults: { repeat: 3 } });
    const task = { ...taskFor(), credentials: [{ ...community, community: "wrong" }, community, community] };
    expect(await collect(scanner, task, scanContext().context)).toHaveLength(1);
  });

  it("passes over answers that are cut off, have another request id or another community", async () => {
    await open(system(), { faults: { mangle: (answer) => answer.subarray(0, 20) } });
    await open(system(), {
      faults: { mangle: (answer) => Buffer.from(answer.toString("latin1").replace("public", "publix"), "latin1") },
    });
    await open(system(), {
      faults: { mangle: (answer) => Buffer.from(answer.map((byte, i) => (i > 14 && i < 20 ? byte ^ 1 : byte))) },
    });
    await open(system());
    expect(await collect(scanner, taskFor(), scanContext().context)).toHaveLength(1);
  });

  it("passes over an answer that comes from another address than was asked", async () => {
    const liar = createSocket("udp4");
    liar.on("message", (bytes, from) => {
      const other = createSocket("udp4");
      const forged = Buffer.from(bytes);
      forged[forged.indexOf(0xa0, 11)] = 0xa2;
      other.bind(0, "127.61.9.9", () => other.send(forged, from.port, from.address, () => other.close()));
    });
    liar.bind(0, "127.61.9.1");
    await once(liar, "listening");
    const task = scanTask({ addresses: ["127.61.9.1"], ports: [liar.address().port], credentials: [community] });
    expect(await collect(scanner, task, scanContext().context)).toEqual([]);
    liar.close();
  });

  it("leaves alone what Telegraf reads", async () => {
    const agent = await open(system());
    const task = { ...taskFor(), busy: new Set([`${agent.address}:${agent.port}`]) };
    expect(await collect(scanner, task, scanContext().context)).toEqual([]);
    expect(agent.requests).toEqual([]);
  });

  it("ends early, without error, when it is stopped", async () => {
    await open(system());
    const stop = new AbortController();
    const addresses = Array.from({ length: 5000 }, (_, i) => `127.62.${i >> 8}.${i & 255}`);
    const { context, progress } = scanContext({ perSecond: 1000, timeoutMs: 5000 }, stop.signal);
    const stopping = {
      ...context,
      progress(sent: number, answered: number) {
        context.progress(sent, answered);
        stop.abort();
      },
    };
    expect(await collect(scanner, { ...taskFor(), addresses, total: 5000 }, stopping)).toEqual([]);
    expect(progress.at(-1)?.[0]).toBeLessThan(1000);
  });

  it("keeps the pause between two requests to one device", async () => {
    const agent = await open([...system(), ...readings, ...table]);
    const startedMs = performance.now();
    await collect(scanner, taskFor([acme]), scanContext({ perDeviceMs: 40 }).context);
    expect(performance.now() - startedMs).toBeGreaterThan((agent.requests.length - 1) * 40);
  });

  it("probes a known device, and throws when it does not answer", async () => {
    const agent = await open([...system(), ...readings, ...table]);
    const endpoint = {
      protocol: "snmp",
      address: agent.address,
      port: agent.port,
      version: "2c",
      community: "public",
    } as const;
    expect(await scanner.probe(endpoint, [acme], scanContext().context)).toMatchObject({
      profile: "acme/pdu",
      problems: [],
    });
    await expect(scanner.probe({ ...endpoint, community: "no" }, [acme], scanContext().context)).rejects.toThrow(
      "no answer",
    );
  });
});

describe("recognition", () => {
  const entity = (row: number, model: string) => entry(`1.3.6.1.2.1.47.1.1.1.1.13.${row}`, model);
  const bySomeRow: DeviceProfile = {
    ...acme,
    id: "acme/by-entity",
    match: { oid: { oid: "1.3.6.1.2.1.47.1.1.1.1.13", contains: "X5130" } },
    readings: [],
    standard: ["interfaces"],
  };

  it("looks for a word in the first rows of a column, and prefers it to a sysObjectID", async () => {
    await open([...system(), entity(1, ""), entity(2, "ACME X5130-48G"), entry("1.3.6.1.2.1.2.2.1.8.1", 1)]);
    const [device] = await collect(scanner, taskFor([acme, bySomeRow]), scanContext().context);
    expect(device).toMatchObject({ profile: "acme/by-entity", model: "ACME X5130-48G", problems: [] });
    expect(device?.readings.map(({ field, tags }) => [field, tags["port"]])).toContainEqual(["state", "1"]);
  });

  it("reads below the device's own sysObjectID, and takes the first of two alternatives that answers", async () => {
    const own: DeviceProfile = {
      ...acme,
      readings: ["{sysObjectId}.7.0", "1.3.6.1.4.1.99999.1.8.0", "{sysObjectId}.9.0"].map((oid) => ({
        field: "temperature",
        kind: "temperature",
        unit: "°C",
        oid,
      })),
    };
    await open([...system(), entry("1.3.6.1.4.1.99999.1.8.0", 21), entry("1.3.6.1.4.1.99999.1.9.0", 22)]);
    const [device] = await collect(scanner, taskFor([own]), scanContext().context);
    expect(device?.readings.filter(({ field }) => field === "temperature")).toMatchObject([{ value: 21 }]);
    expect(device?.problems).toEqual([]);
  });

  it("reads ENTITY-SENSOR-MIB with its types, scales and precisions", async () => {
    const row = (index: number, [type, scale, precision, value, status]: number[]) => [
      entry(`1.3.6.1.2.1.99.1.1.1.1.${index}`, type ?? 0),
      entry(`1.3.6.1.2.1.99.1.1.1.2.${index}`, scale ?? 0),
      entry(`1.3.6.1.2.1.99.1.1.1.3.${index}`, precision ?? 0),
      entry(`1.3.6.1.2.1.99.1.1.1.4.${index}`, value ?? 0),
      entry(`1.3.6.1.2.1.99.1.1.1.5.${index}`, status ?? 0),
    ];
    await open([
      ...system(),
      ...row(1, [8, 9, 1, 235, 1]),
      ...row(2, [4, 8, 0, 11_980, 1]),
      ...row(3, [8, 9, 0, 99, 2]),
      entry("1.3.6.1.2.1.47.1.1.1.1.7.1", "Inlet"),
      entry("1.3.6.1.2.1.47.1.1.1.1.7.2", "12 V"),
    ]);
    const [device] = await collect(scanner, taskFor(), scanContext().context);
    const sensors = device?.readings.filter(({ field }) => field !== "uptime");
    expect(sensors?.map(({ field, tags, value, unit }) => [field, tags["sensor"], value, unit])).toEqual([
      ["temperature", "Inlet", 23.5, "°C"],
      ["voltage", "12 V", 11.98, "V"],
    ]);
  });
});

describe("sweep", () => {
  it("lets answers in while it sends, also into a few large networks", async () => {
    await open(system());
    const silent = Array.from({ length: 10_000 }, (_, i) => `127.64.${i >> 8}.${i & 255}`);
    const { context, progress } = scanContext({ timeoutMs: 3000, retries: 0 });
    const task = { ...taskFor(), addresses: [...taskFor().addresses, ...silent], total: silent.length + 1 };
    expect(await collect(scanner, task, context)).toHaveLength(1);
    expect(progress.some(([sent, answered]) => answered === 1 && sent < silent.length)).toBe(true);
  });
});
