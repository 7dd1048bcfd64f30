import { once } from "node:events";
import { createServer, type Server } from "node:net";
import modbusSerial from "modbus-serial";
import { afterEach, describe, expect, it } from "vitest";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import { type ModbusGateway, openRtuGateway, textRegisters } from "#test/fixtures/modbus-device.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { collect, scanContext, scanTask } from "#test/fixtures/scan.ts";
import { createModbusScanner } from "./scan.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const scanner = createModbusScanner({ parallelAddresses: 8, now: Date.now });
const phase = (field: string, kind: "voltage" | "current", unit: string, address: number) =>
  ({
    field,
    kind,
    unit,
    scale: 0.1,
    tags: { phase: "L1" },
    register: "holding",
    address,
    dataType: "INT16",
    min: 0,
    max: 500,
  }) as const;
const delta: DeviceProfile = {
  id: "delta/pdu4425-modbus",
  vendor: "Delta",
  model: "PDU4425",
  kind: "pdu",
  protocol: "modbus",
  match: { registers: { register: "input", address: 1024, length: 8, contains: "PDU4425" } },
  identity: { serial: { register: "holding", address: 768, length: 8 } },
  readings: [phase("voltage", "voltage", "V", 1034), phase("current", "current", "A", 1035)],
};
const byIdentification: DeviceProfile = {
  ...delta,
  id: "acme/meter",
  vendor: "Acme",
  match: { deviceIdentification: { vendor: "Acme", product: "MX" } },
  identity: { model: { deviceIdentification: "product" } },
};
const pdu = {
  input: textRegisters(1024, 8, "PDU4425"),
  holding: { ...textRegisters(768, 8, "SN0042"), 1034: 2301, 1035: 57 },
};

async function gateway(options: Omit<Parameters<typeof openRtuGateway>[0], "address">): Promise<ModbusGateway> {
  const opened = await openRtuGateway({ address: "127.63.0.1", ...options });
  closers.push(() => opened.close());
  return opened;
}

const credential = (unitIds: number[], framings: ("tcp" | "rtu-over-tcp")[] = ["rtu-over-tcp"]) =>
  ({ type: "modbus", unitIds, framings }) as const;
/** A scan of one address and port for devices of one profile; unit 1 over RTU unless told otherwise. */
const taskFor = (
  { address, port }: { address: string; port: number },
  profile: DeviceProfile,
  asked = credential([1]),
) => scanTask({ addresses: [address], ports: [port], credentials: [asked], profiles: [profile] });

describe("Modbus scan over RTU over TCP", () => {
  it("finds the units behind a gateway, one connection at a time, and reads them", async () => {
    const opened = await gateway({ units: { 1: pdu, 2: pdu } });
    const { context, journal } = scanContext();
    const task = taskFor(opened, delta, credential([0, 1, 2], ["tcp", "rtu-over-tcp"]));
    const found = await collect(scanner, task, context);
    expect(found.map(({ endpoint }) => endpoint.protocol === "modbus" && [endpoint.unitId, endpoint.framing])).toEqual([
      [1, "rtu-over-tcp"],
      [2, "rtu-over-tcp"],
    ]);
    expect(found[0]).toMatchObject({
      kind: "pdu",
      profile: delta.id,
      vendor: "Delta",
      model: "PDU4425",
      serial: "SN0042",
      problems: [],
    });
    expect(found[0]?.readings[0]).toEqual({
      field: "voltage",
      tags: { phase: "L1" },
      kind: "voltage",
      unit: "V",
      scale: 0.1,
      value: 230.1,
      source: { type: "modbus", register: "holding", address: 1034, dataType: "INT16", byteOrder: "ABCD" },
    });
    expect(opened.mostConnections()).toBe(1);
    expect(opened.requests.every((request) => /^\d+ (3|4|43) /.test(request))).toBe(true);
    expect(journal.length).toBeGreaterThanOrEqual(opened.requests.length);
  });

  it("takes a gateway's word that a unit is not there", async () => {
    const opened = await gateway({ units: { 2: pdu }, absentCode: 11 });
    const task = taskFor(opened, delta, credential([1, 2]));
    const found = await collect(scanner, task, scanContext().context);
    expect(found).toHaveLength(1);
    expect(opened.requests.filter((request) => request.startsWith("1 "))).toHaveLength(1);
  });

  it("names what a device refuses, and uses the rest", async () => {
    const { 1035: _, ...holding } = pdu.holding;
    const opened = await gateway({ units: { 1: { ...pdu, holding } } });
    const task = taskFor(opened, delta);
    const [device] = await collect(scanner, task, scanContext().context);
    expect(device?.readings.map(({ field }) => field)).toEqual(["voltage"]);
    expect(device?.problems).toEqual([
      {
        code: "reading_missing",
        detail: "profile delta/pdu4425-modbus, current: holding register 1035 did not answer",
      },
    ]);
  });

  it("leaves out a value outside its range and says so", async () => {
    const opened = await gateway({ units: { 1: { ...pdu, holding: { ...pdu.holding, 1034: 65_000 } } } });
    const task = taskFor(opened, delta);
    const [device] = await collect(scanner, task, scanContext().context);
    expect(device?.problems[0]).toMatchObject({ code: "reading_implausible" });
  });

  it("waits for a busy device", async () => {
    const opened = await gateway({ units: { 1: pdu }, busy: 1 });
    const task = taskFor(opened, delta);
    expect(await collect(scanner, task, scanContext().context)).toMatchObject([{ profile: delta.id }]);
  });

  it("keeps the pauses after connecting and between requests", async () => {
    const opened = await gateway({ units: { 1: pdu } });
    const task = taskFor(opened, delta);
    const startedMs = performance.now();
    await collect(scanner, task, scanContext({ afterConnectMs: 100, perDeviceMs: 60 }).context);
    expect(performance.now() - startedMs).toBeGreaterThan(100 + 60 * (opened.requests.length - 1));
  });

  it("leaves alone what Telegraf reads, and ends early when it is stopped", async () => {
    const opened = await gateway({ units: { 1: pdu } });
    const task = taskFor(opened, delta);
    const busy = { ...task, busy: new Set([`${opened.address}:${opened.port}`]) };
    expect(await collect(scanner, busy, scanContext().context)).toEqual([]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    expect(await collect(scanner, task, scanContext({ afterConnectMs: 10_000 }, stop.signal).context)).toEqual([]);
    expect(opened.requests).toEqual([]);
  });

  it("probes a known unit, and throws when it does not answer", async () => {
    const opened = await gateway({ units: { 1: pdu } });
    const endpoint = {
      protocol: "modbus",
      address: opened.address,
      port: opened.port,
      unitId: 1,
      framing: "rtu-over-tcp",
    } as const;
    expect(await scanner.probe(endpoint, [delta], scanContext().context)).toMatchObject({ profile: delta.id });
    await expect(scanner.probe({ ...endpoint, unitId: 9 }, [delta], scanContext().context)).rejects.toThrow(
      "unit 9 does not answer",
    );
  });
});

describe("Modbus scan over TCP", () => {
  /** modbus-serial is an independent peer. */
  async function open(registers: (address: number) => number): Promise<{ address: string; port: number }> {
    const port = await freePort("127.63.0.2");
    const server = new modbusSerial.ServerTCP(
      {
        getInputRegister: registers,
        getHoldingRegister: registers,
        readDeviceIdentification: () => ({ 0: "Acme", 1: "MX-7", 2: "v1.2" }),
      } as unknown as ConstructorParameters<typeof modbusSerial.ServerTCP>[0], // its types leave function 43 out
      { host: "127.63.0.2", port, unitID: 1 },
    );
    await once(server, "initialized");
    closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return { address: "127.63.0.2", port };
  }

  it("recognises a device by function 43/14", async () => {
    const { address, port } = await open((at) => (at === 1034 ? 2301 : 12));
    const task = taskFor({ address, port }, byIdentification, credential([1], ["tcp"]));
    const found = await collect(scanner, task, scanContext().context);
    expect(found).toMatchObject([
      { profile: "acme/meter", vendor: "Acme", model: "MX-7", firmware: "v1.2", problems: [] },
    ]);
    expect(found[0]?.readings.map(({ value }) => value)).toEqual([230.1, 1.2]);
  });

  it("tells of a device that has no profile", async () => {
    const { address, port } = await open(() => 0);
    const task = taskFor({ address, port }, delta, credential([1], ["tcp"]));
    const found = await collect(scanner, task, scanContext().context);
    expect(found).toMatchObject([
      { kind: "device", profile: null, vendor: "Acme", model: "MX-7", problems: [{ code: "no_profile" }] },
    ]);
  });

  it("passes over ports that refuse, and servers that speak something else", async () => {
    const web: Server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    });
    web.listen(0, "127.63.0.3");
    await once(web, "listening");
    closers.push(() => void web.close());
    const bound = web.address();
    const port = typeof bound === "object" && bound ? bound.port : 0;
    const task = scanTask({
      addresses: ["127.63.0.3", "127.63.0.4"],
      ports: [port],
      credentials: [credential([1], ["tcp", "rtu-over-tcp"])],
    });
    expect(await collect(scanner, task, scanContext().context)).toEqual([]);
  });
});
