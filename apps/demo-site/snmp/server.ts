import { createSocket } from "node:dgram";
import { type Agent, answer } from "./answer.ts";

/** Binds one agent to its address. `isSilent`: the device does not answer now. */
export async function openSnmpServer(
  { address, port }: { address: string; port: number },
  agent: Agent,
  isSilent: () => boolean,
): Promise<{ close(): Promise<void> }> {
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => {
    if (isSilent()) return;
    const reply = answerOrNothing(packet, agent);
    if (reply) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address, port }, () => {
      socket.off("error", reject);
      // A client that is gone makes the socket report it; the device does not care.
      socket.on("error", () => undefined);
      resolve();
    });
  });
  return { close: () => new Promise((resolve) => socket.close(() => resolve())) };
}

/** A malformed packet gets no answer, as from a real device. */
function answerOrNothing(packet: Buffer, agent: Agent): Buffer | undefined {
  try {
    return answer(packet, agent, Date.now());
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
