import type { FromThread, Telling } from "../messages.ts";

/** Says things to the node without waiting: at most one bundle is under way, what comes meanwhile goes with the next. */
export interface Teller {
  tell(telling: Telling): void;
  /** The node has taken the last bundle. */
  heard(): void;
  /** Sends what waits before `message`, so that a call's last words come before its result. */
  before(message: FromThread): void;
}

/** A plugin that says more than the node takes fills its own memory, not the node's. */
export function createTeller(send: (message: FromThread) => void): Teller {
  let waiting: Telling[] = [];
  let isUnderWay = false;
  const flush = () => {
    if (waiting.length === 0) return;
    isUnderWay = true;
    send({ type: "tell", tellings: waiting });
    waiting = [];
  };
  return {
    tell(telling) {
      waiting.push(telling);
      if (!isUnderWay && waiting.length === 1) setImmediate(() => isUnderWay || flush());
    },
    heard() {
      isUnderWay = false;
      flush();
    },
    before(message) {
      flush();
      send(message);
    },
  };
}
