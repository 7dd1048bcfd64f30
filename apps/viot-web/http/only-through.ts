import { AppError } from "#pkg/errors/errors.ts";
import type { LocalSocket } from "./local-socket.ts";

/** A hook that refuses whoever did not come through the node's socket: `message` why, `mend` what to do instead. */
export function onlyThrough(socket: Pick<LocalSocket, "isLocal">, message: string, mend: string) {
  return async (request: Parameters<LocalSocket["isLocal"]>[0]): Promise<void> => {
    if (!socket.isLocal(request)) throw new AppError("forbidden", { message, mend });
  };
}
