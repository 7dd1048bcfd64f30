import type { PluginHttp, PluginHttpAnswer } from "#pkg/contracts/plugin.ts";
import type { FromThread } from "../messages.ts";
import type { Blame } from "./blame.ts";

/** HTTP that the node does for the plugin; what the node answers is put in by `answer` and `refuse`. */
export interface RemoteHttp extends PluginHttp {
  answer(id: number, value: unknown): void;
  refuse(id: number, message: string): void;
}

/** Requests at once; further ones wait here, in the plugin's own memory. */
const mostAtOnce = 32;

/** Hands each request to the node. */
export function createRemoteHttp(send: (message: FromThread) => void, blame: Blame): RemoteHttp {
  const open = new Map<number, { resolve(value: PluginHttpAnswer): void; reject(error: Error): void }>();
  const queue: (() => void)[] = [];
  let newest = 0;
  const next = () => {
    if (open.size < mostAtOnce) queue.shift()?.();
  };
  const settle = (
    id: number,
    act: (one: { resolve(value: PluginHttpAnswer): void; reject(error: Error): void }) => void,
  ) => {
    const one = open.get(id);
    if (!one || !open.delete(id)) return;
    act(one);
    next();
  };
  return {
    post(url, { json, headers = {}, signal }) {
      const id = ++newest;
      return new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => {
          send({ type: "give up", id });
          settle(id, (one) => one.reject(blame.toWorld("the request was given up")));
        });
        queue.push(() => {
          if (signal?.aborted) return reject(blame.toWorld("the request was given up"));
          open.set(id, { resolve, reject });
          send({ type: "ask", id, url: String(url), json, headers: { ...headers } });
        });
        next();
      });
    },
    // The node's own client made it: it has the shape.
    answer: (id, value) => settle(id, (one) => one.resolve(value as PluginHttpAnswer)),
    refuse: (id, message) => settle(id, (one) => one.reject(blame.toWorld(message))),
  };
}
