import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";

/** A device that answers SNMP v2c GETs with integers; `values` may be changed while it runs. */
export interface SnmpDevice {
  port: number;
  values: Map<string, number>;
  /** While true no request is answered. */
  silent: boolean;
  requests: number;
  close(): Promise<void>;
}

/** Opens a responder on a free port of 127.0.0.1. */
export async function openSnmpDevice(values: Readonly<Record<string, number>>): Promise<SnmpDevice> {
  const socket = createSocket("udp4");
  const device: SnmpDevice = {
    port: 0,
    values: new Map(Object.entries(values)),
    silent: false,
    requests: 0,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on("message", (message, from) => {
    device.requests += 1;
    if (!device.silent) socket.send(answer(message, device.values), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  device.port = (socket.address() as AddressInfo).port;
  return device;
}

function answer(message: Buffer, values: ReadonlyMap<string, number>): Buffer {
  const [version, community, pdu] = children(children(message)[0]?.body);
  const [id, , , list] = children(pdu?.body);
  const bindings = children(list?.body).map((binding) => {
    const [oid] = children(binding.body);
    const value = values.get(toOid(oid?.body ?? Buffer.alloc(0)));
    return node(0x30, node(6, oid?.body), value === undefined ? node(0x81) : node(2, toInteger(value)));
  });
  const reply = node(0xa2, node(2, id?.body), node(2, Buffer.of(0)), node(2, Buffer.of(0)), node(0x30, ...bindings));
  return node(0x30, node(2, version?.body), node(4, community?.body), reply);
}

function children(body: Buffer = Buffer.alloc(0)): { tag: number; body: Buffer }[] {
  const found: { tag: number; body: Buffer }[] = [];
  for (let at = 0; at < body.length; ) {
    const tag = body.readUInt8(at);
    const first = body.readUInt8(at + 1);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const length = lengthBytes === 0 ? first : body.readUIntBE(at + 2, lengthBytes);
    const start = at + 2 + lengthBytes;
    found.push({ tag, body: body.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function node(tag: number, ...parts: (Buffer | undefined)[]): Buffer {
  const body = Buffer.concat(parts.filter((part) => part !== undefined));
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}

function toInteger(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function toOid(body: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of body) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const first = arcs.shift() ?? 0;
  return [Math.min(2, Math.floor(first / 40)), first - 40 * Math.min(2, Math.floor(first / 40)), ...arcs].join(".");
}
