import { Value } from "typebox/value";
import type { SendResult } from "#pkg/contracts/notifier.ts";
import { definePlugin, type PluginHttpAnswer } from "#pkg/contracts/plugin.ts";
import { config, target } from "./config.ts";
import { toPayload } from "./payload.ts";

/** Posts Alertmanager's webhook payload (version 4). One attempt; the notifier retries. */
export default definePlugin({
  kind: "notifier",
  id: "webhook",
  config,
  create: ({ config, http }) => ({
    target,
    async send(message, signal) {
      const to = message.target;
      if (!Value.Check(target, to) || !URL.canParse(to.url)) return misaddressed;
      const headers = {
        ...config.headers,
        ...to.headers,
        ...(to.bearer === undefined ? {} : { authorization: `Bearer ${to.bearer}` }),
        "x-detectviz-delivery": message.deliveryId,
      };
      return toResult(await http.post(to.url, { json: toPayload(message), headers, signal }));
    },
  }),
});

const misaddressed: SendResult = {
  delivered: false,
  status: "refused",
  detail: "the contact's channel has no usable http or https address; correct it and send again",
  retryable: false,
};

/** Overload and faults of the other side pass by themselves; other refusals need a person. */
function toResult({ ok, status, text }: PluginHttpAnswer): SendResult {
  if (ok) return { delivered: true, status, detail: text };
  return { delivered: false, status, detail: text, retryable: status >= 500 || status === 429 || status === 408 };
}
