import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { watchSockets } from "#test/fixtures/open-sockets.ts";

/** A Modbus TCP gateway with holding registers for each unit id; a unit id that is not there never answers. */
export interface Gateway {
  port: number;
  units: Map<number, Map<number, number>>;
  /** Most connections that were open at once. */
  mostConnections(): number;
  close(): Promise<void>;
}

/** Opens a gateway on a free port of 127.0.0.1. */
export async function openGateway(units: Readonly<Record<number, Readonly<Record<number, number>>>>): Promise<Gateway> {
  const registers = Object.entries(units).map(([id, values]) => {
    const entries = Object.entries(values).map(([address, value]) => [Number(address), value] as const);
    return [Number(id), new Map(entries)] as const;
  });
  const server = createServer((socket) => {
    socket.on("data", (request) => {
      const reply = answer(request, gateway.units);
      if (reply) socket.write(reply);
    });
  });
  const sockets = watchSockets(server);
  const gateway: Gateway = {
    port: 0,
    units: new Map(registers),
    mostConnections: sockets.most,
    async close() {
      sockets.destroyAll();
      server.close();
      await once(server, "close");
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  gateway.port = (server.address() as AddressInfo).port;
  return gateway;
}

/** Function 3 and nothing else; an unknown register is exception 2. */
function answer(request: Buffer, units: Gateway["units"]): Buffer | undefined {
  const unitId = request.readUInt8(6);
  const [start, count] = [request.readUInt16BE(8), request.readUInt16BE(10)];
  const registers = units.get(unitId);
  if (registers === undefined) return undefined;
  const values = Array.from({ length: count }, (_none, index) => registers.get(start + index));
  const isWhole = request.readUInt8(7) === 3 && !values.includes(undefined);
  const body = isWhole ? Buffer.alloc(2 + 2 * count) : Buffer.of(request.readUInt8(7) | 0x80, 2);
  if (isWhole) {
    body.writeUInt8(3, 0);
    body.writeUInt8(2 * count, 1);
    for (const [index, value] of values.entries()) body.writeUInt16BE(value ?? 0, 2 + 2 * index);
  }
  const head = Buffer.from(request.subarray(0, 7));
  head.writeUInt16BE(1 + body.length, 4);
  return Buffer.concat([head, body]);
}
