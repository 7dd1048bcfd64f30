import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What the first requests need has been loaded by then. */
const afterMs = 3000;

/**
 * Gives back, once, what starting has left behind: code that runs only then, pages of memory that are nearly empty, and
 * Node's cache of compiled code, which is on disk from then on. By itself V8 keeps some 20 MB of it for as long as the
 * node has little to do. Costs one pause of about 80 ms.
 */
export function settleMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: NonNullable<typeof globalThis.gc> = runInNewContext("gc");
  const settle = () => {
    flushCompileCache();
    collect({ type: "major", flavor: "last-resort" });
  };
  setTimeout(settle, afterMs).unref();
}
