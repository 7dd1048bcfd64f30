import type { PluginHttp } from "#pkg/contracts/plugin.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { FromThread, ToThread } from "./messages.ts";

type Ask = Extract<FromThread, { type: "ask" | "give up" }>;

/** Does what a plugin's thread asks the node for: requests by the host's HTTP, with its limits. */
export function answerAsks({ http, send }: { http: PluginHttp; send(message: ToThread): void }) {
  const underWay = new Map<number, AbortController>();
  const post = async ({ id, url, json, headers }: Extract<Ask, { type: "ask" }>) => {
    const controller = new AbortController();
    underWay.set(id, controller);
    try {
      const value = await http.post(url, { json, headers, signal: controller.signal });
      send({ type: "answer", id, value });
    } catch (error) {
      send({ type: "refusal", id, message: messageOf(error) });
    } finally {
      underWay.delete(id);
    }
  };
  return {
    take(ask: Ask): void {
      if (ask.type === "ask") void post(ask);
      else underWay.get(ask.id)?.abort();
    },
  };
}
