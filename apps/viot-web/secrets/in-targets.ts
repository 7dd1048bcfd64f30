import type { NotifierPlugin } from "#pkg/contracts/notifier.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SecretManager } from "#pkg/secret/port.ts";
import { findReferences, replaceReferences } from "#pkg/secret/references.ts";
import type { Scrubber } from "#pkg/secret/scrub.ts";

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

/** The settings of a contact's channel with its secrets, for the moment in which a message goes out. */
async function resolveTarget(
  target: Readonly<Record<string, unknown>>,
  secrets: Pick<SecretManager, "get">,
): Promise<Record<string, unknown>> {
  const values = new Map<string, string>();
  for (const { name } of findReferences(target)) {
    const value = await secrets.get(name);
    if (value === undefined) throw new AppError("unavailable", { message: `there is no secret "${name}"` });
    values.set(name, value);
  }
  return replaceReferences(target, values) as Record<string, unknown>; // the same keys
}
