import type { Contact, Route } from "./contract.ts";

/** The module's tables; lists are JSON. */
export interface ContactTables {
  contacts: ContactRow;
  contact_routes: RouteRow;
}

export interface ContactRow {
  id: string;
  name: string;
  email: string | null;
  locale: string;
  channels: string;
  group_names: string;
  active: number;
  source: string | null;
  created_at: number;
  updated_at: number;
}

export interface RouteRow {
  id: string;
  name: string;
  matchers: string;
  contact_names: string;
  group_names: string;
  source: string | null;
}

/** Only `toContactRow` writes these rows, so their JSON has the record's shape. */
export function toContact(row: ContactRow): Contact {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    locale: row.locale === "zh-TW" ? "zh-TW" : "en",
    channels: JSON.parse(row.channels),
    groups: JSON.parse(row.group_names),
    active: row.active === 1,
    source: row.source,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toContactRow(contact: Contact): ContactRow {
  return {
    id: contact.id,
    name: contact.name,
    email: contact.email,
    locale: contact.locale,
    channels: JSON.stringify(contact.channels),
    group_names: JSON.stringify(contact.groups),
    active: contact.active ? 1 : 0,
    source: contact.source,
    created_at: contact.createdAt,
    updated_at: contact.updatedAt,
  };
}

/** Only `toRouteRow` writes these rows. */
export function toRoute(row: RouteRow): Route {
  return {
    id: row.id,
    name: row.name,
    matchers: JSON.parse(row.matchers),
    contacts: JSON.parse(row.contact_names),
    groups: JSON.parse(row.group_names),
    source: row.source,
  };
}

export function toRouteRow(route: Route): RouteRow {
  return {
    id: route.id,
    name: route.name,
    matchers: JSON.stringify(route.matchers),
    contact_names: JSON.stringify(route.contacts),
    group_names: JSON.stringify(route.groups),
    source: route.source,
  };
}
