import { type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import type { Alerts } from "#internal/alert/contract.ts";
import { concealSecrets, type TargetOf } from "#internal/contacts/channels.ts";
import { type ContactEntry, contactSchema } from "#internal/contacts/config.ts";
import type { Contact, Contacts } from "#internal/contacts/contract.ts";
import { toContactJson, toContactSpec } from "#internal/contacts/entries.ts";
import type { Device, Inventory } from "#internal/inventory/contract.ts";
import type { Rules } from "#internal/rule/contract.ts";
import { toRuleBody } from "#internal/rule/wire.ts";
import { createResourceSource } from "#pkg/datasource/adapters/resource.ts";
import type { DataRecord, DataSource } from "#pkg/datasource/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { alertSchema, toAlertJson } from "../http/routes/alerts.ts";
import { deviceSchema, toDeviceJson } from "../http/routes/device-json.ts";
import { allPages } from "./pages.ts";
import type { NamedSource } from "./sources.ts";

export interface BuiltInDeps {
  inventory: Pick<Inventory, "list" | "byKey" | "setTags">;
  contacts: Pick<Contacts, "list" | "create" | "update" | "remove">;
  rules: Pick<Rules, "list">;
  alerts: Pick<Alerts, "list">;
  targetOf: TargetOf;
}

/** Older alerts are found under /alerts, page by page. */
const newestAlerts = 10_000;

/** The product's own lists: read as REST shows them, changed through their services, with their checks. */
export function builtInSources(deps: BuiltInDeps): NamedSource[] {
  return [
    { name: "devices", type: "resource", open: (by) => devices(deps, by) },
    { name: "contacts", type: "resource", open: (by) => contacts(deps, by) },
    { name: "rules", type: "resource", open: () => rules(deps) },
    { name: "alerts", type: "resource", open: () => alerts(deps) },
  ];
}

/** Only the site's tags are people's to change; all else is what a scan saw, and is left as it is. */
function devices({ inventory }: BuiltInDeps, by: string): DataSource {
  return createResourceSource({
    ...{ at: "devices", schema: deviceSchema, key: "key" },
    read: async () => (await allPages((cursor) => inventory.list({ limit: 1000, ...cursor }))).map(toDeviceJson),
    write: {
      async update({ id }, { tags }) {
        await inventory.setTags(String(id), tags as Device["tags"], by); // the schema was checked
      },
    },
  });
}

const { name, email, ...rest } = contactSchema.properties;
const optional = Object.fromEntries(
  Object.entries(rest).map(([key, schema]) => [key, Type.Optional(schema as TSchema)]),
);
const contactRecord = Type.Object({ name, email, ...optional }, { additionalProperties: false });

function contacts({ contacts: service, targetOf }: BuiltInDeps, by: string): DataSource {
  const find = async (record: DataRecord): Promise<Contact> => {
    const contact = (await service.list()).find((one) => one.name === record["name"]);
    if (contact) return contact;
    throw new AppError("not_found", { at: "contacts", message: `there is no contact "${String(record["name"])}"` });
  };
  const toSpec = (record: DataRecord) => toContactSpec(Value.Default(contactSchema, { ...record }) as ContactEntry); // checked
  return createResourceSource({
    ...{ at: "contacts", schema: contactRecord, key: "name" },
    read: async () =>
      (await service.list()).map((contact) => {
        const {
          id: _id,
          source: _source,
          created_at: _made,
          updated_at: _changed,
          ...record
        } = toContactJson(concealSecrets(contact, targetOf));
        return record as DataRecord; // JSON by name
      }),
    write: {
      create: async (record) => void (await service.create(toSpec(record), by)),
      update: async (before, record) => void (await service.update((await find(before)).id, toSpec(record), by)),
      remove: async (record) => service.remove((await find(record)).id, by),
    },
  });
}

const text = Type.String();
const ruleRecord = Type.Object({
  ...{ id: text, name: text, source: Type.Union([text, Type.Null()]), enabled: Type.Boolean() },
  ...{ condition: text, comparison: Type.Optional(text), level: Type.Optional(text), for: Type.Optional(text) },
  ...{
    levels: Type.Optional(Type.Unknown()),
    labels: Type.Optional(Type.Unknown()),
    tags: Type.Optional(Type.Unknown()),
  },
  description: Type.Optional(text),
});

function rules({ rules: service }: BuiltInDeps): DataSource {
  return createResourceSource({
    ...{ at: "rules", schema: ruleRecord, key: "id" },
    read: async () =>
      (await service.list()).map(({ id, source, createdAt: _made, updatedAt: _changed, ...spec }) => {
        return { enabled: true, ...toRuleBody(spec), id, source } as DataRecord; // JSON by name
      }),
  });
}

function alerts({ alerts: service }: BuiltInDeps): DataSource {
  const page = (cursor: { cursor?: string }) => service.list({ scope: "all", limit: 1000, ...cursor });
  return createResourceSource({
    ...{ at: "alerts", schema: alertSchema, key: "id" },
    read: async () => (await allPages(page, newestAlerts)).map(toAlertJson),
  });
}
