import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { AppError, type FieldError } from "#pkg/errors/errors.ts";
import { isSecretReference } from "#pkg/secret/port.ts";
import type { Channel, Contact, ContactSpec } from "./contract.ts";

/** The schema of a notifier's channel settings; undefined when there is no such notifier. */
export type TargetOf = (type: string) => TSchema | undefined;

/** What stands in REST and on pages in place of a secret; written back, it keeps the secret that was there. */
export const concealed = "********";

interface SettingSchema {
  /** Names the contact's own field that stands in for a missing setting. */
  contactField?: string;
  secret?: boolean;
}

/** The channel as its notifier takes it: settings that are missing come from the contact where the schema says so. */
export function completeChannel(contact: Pick<ContactSpec, "email">, channel: Channel, target: TSchema): Channel {
  const filled: Record<string, unknown> = { ...channel.settings };
  for (const [key, schema] of settingsOf(target)) {
    if (filled[key] === undefined && schema.contactField === "email" && contact.email) filled[key] = contact.email;
  }
  return { ...channel, settings: filled };
}

/** Throws `AppError("unprocessable")` that names every wrong setting. */
export function checkChannels(contact: ContactSpec, targetOf: TargetOf): void {
  const faults = contact.channels.flatMap((channel, index) => faultsOf(contact, channel, index, targetOf));
  const [first] = faults;
  if (!first) return;
  throw new AppError("unprocessable", {
    at: `contact "${contact.name}", ${first.pointer}`,
    message: first.detail,
    mend: "correct the channel; GET /api/v1/plugins tells which notifiers there are",
    fields: faults,
  });
}

function faultsOf(contact: ContactSpec, channel: Channel, index: number, targetOf: TargetOf): FieldError[] {
  const target = targetOf(channel.type);
  if (!target) return [{ pointer: `/channels/${index}/type`, detail: `there is no notifier "${channel.type}"` }];
  const { settings } = completeChannel(contact, channel, target);
  if (Value.Check(target, settings)) return [];
  return Value.Errors(target, settings)
    .filter((error) => error.keyword !== "boolean")
    .filter((error) => !isSecretReference(Value.Pointer.Get(settings, error.instancePath)))
    .map((error) => ({ pointer: `/channels/${index}${error.instancePath}`, detail: toDetail(channel, error) }));
}

function toDetail(channel: Channel, error: ReturnType<typeof Value.Errors>[number]): string {
  const { requiredProperties = [], additionalProperties = [] } = error.params as Record<string, string[]>;
  if (requiredProperties.length > 0) return `"${channel.type}" needs ${requiredProperties.join(", ")}`;
  if (additionalProperties.length > 0) return `"${channel.type}" does not know ${additionalProperties.join(", ")}`;
  return `${error.instancePath.slice(1)} ${error.message}`;
}

/** The contact without its secrets, for REST and pages. */
export function concealSecrets(contact: Contact, targetOf: TargetOf): Contact {
  const channels = contact.channels.map((channel) => {
    const secrets = secretsOf(channel, targetOf).filter((key) => channel.settings[key] !== undefined);
    return {
      ...channel,
      settings: { ...channel.settings, ...Object.fromEntries(secrets.map((key) => [key, concealed])) },
    };
  });
  return { ...contact, channels };
}

/** Puts back the secrets of `before` where `spec` only shows that there is one; same place, same type. */
export function keepSecrets(spec: ContactSpec, before: Contact, targetOf: TargetOf): ContactSpec {
  const channels = spec.channels.map((channel, index) => {
    const old = before.channels[index];
    if (old?.type !== channel.type) return channel;
    const kept = secretsOf(channel, targetOf).filter((key) => channel.settings[key] === concealed);
    return {
      ...channel,
      settings: { ...channel.settings, ...Object.fromEntries(kept.map((key) => [key, old.settings[key]])) },
    };
  });
  return { ...spec, channels };
}

function secretsOf(channel: Channel, targetOf: TargetOf): string[] {
  return settingsOf(targetOf(channel.type))
    .filter(([, schema]) => schema.secret)
    .map(([key]) => key);
}

function settingsOf(target: TSchema | undefined): [string, SettingSchema][] {
  return Object.entries((target as { properties?: Record<string, SettingSchema> } | undefined)?.properties ?? {});
}
