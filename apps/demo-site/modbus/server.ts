import { createServer, type Socket } from "node:net";
import type { Framing } from "./framing.ts";
import { answerPdu, type ModbusUnit } from "./unit.ts";

const maxBufferBytes = 1024;

export interface ModbusServerOptions {
  address: string;
  port: number;
  framing: Framing;
  units: ReadonlyMap<number, ModbusUnit>;
  /** The unit does not answer now. */
  isSilent(unitId: number): boolean;
}

/** What a gateway says for a unit that is not there: "target device failed to respond". */
const targetFailed = 11;

/** Serves the units of one address. */
export async function openModbusServer(options: ModbusServerOptions): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.address, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function serve(socket: Socket, { framing, units, isSilent }: ModbusServerOptions): void {
  let buffer: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const frame = framing(buffer);
      if (frame === null || buffer.length > maxBufferBytes) {
        socket.destroy();
        return;
      }
      if (!frame) return;
      buffer = buffer.subarray(frame.length);
      if (isSilent(frame.unitId)) continue;
      const unit = units.get(frame.unitId);
      const code = frame.pdu[0] ?? 0;
      const answer = unit ? answerPdu(unit, frame.pdu, Date.now()) : Buffer.from([code | 0x80, targetFailed]);
      socket.write(frame.wrap(answer));
    }
  });
}
