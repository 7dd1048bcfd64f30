import type { NotifierPlugin } from "#pkg/contracts/notifier.ts";
import type { SecretManager } from "#pkg/secret/port.ts";
import type { Scrubber } from "#pkg/secret/scrub.ts";
import { resolveTarget } from "./in-config.ts";

/** The notifier with secrets in the settings of its channels: put in for the sending, kept out of what is recorded. */
export function withSecretTargets(
  plugin: NotifierPlugin | undefined,
  secrets: Pick<SecretManager, "get">,
  { scrub }: Pick<Scrubber, "scrub">,
): NotifierPlugin | undefined {
  if (!plugin) return undefined;
  return {
    target: plugin.target,
    async send(message, signal) {
      const target = await resolveTarget(message.target, secrets);
      const result = await plugin.send({ ...message, target }, signal);
      return { ...result, detail: scrub(result.detail) };
    },
  };
}
