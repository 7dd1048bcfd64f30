import { Value } from "typebox/value";
import type { SendResult } from "#pkg/contracts/notifier.ts";
import { definePlugin } from "#pkg/contracts/plugin.ts";
import { config, target } from "./config.ts";
import { sendMail, toRefusal } from "./smtp.ts";

/** Sends an e-mail, text and HTML, in the contact's language. One attempt; the notifier retries. */
export default definePlugin({
  kind: "notifier",
  id: "email",
  config,
  create: ({ config }) => ({
    target,
    async send(message, signal) {
      if (config.host === "") return refused("e-mail is not set up: set host in [plugins.notifier.email]");
      if (!Value.Check(target, message.target)) return refused("the contact has no usable e-mail address; correct it");
      try {
        return await orAborted(signal, sendMail(config, message.target.address, message));
      } catch (error) {
        const refusal = toRefusal(error);
        if (refusal) return refusal;
        throw error;
      }
    },
  }),
});

function refused(detail: string): SendResult {
  return { delivered: false, status: "refused", detail, retryable: false };
}

/** The mail library knows no signal; its own time-outs end what we no longer wait for. */
function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
