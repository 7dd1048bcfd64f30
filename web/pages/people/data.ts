import type { Contact, Route } from "#internal/contacts/contract.ts";
import type { Notification } from "#internal/notifier/contract.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface ContactRow extends Pick<Contact, "id" | "name" | "email" | "groups" | "active" | "source"> {
  channels: readonly { type: string; target: string; minimumLevel: string | null }[];
  mayChange: boolean;
}

export interface PeopleData {
  contacts: Part<readonly ContactRow[]>;
  routes: Part<readonly (Pick<Route, "id" | "name" | "source"> & { matchers: string; to: string })[]>;
  notifications: Part<readonly Notification[]>;
  mayTest: boolean;
  mayCreate: boolean;
  inboxUrl: string | null;
}

/** Who is told, by which channel, and what came of it. */
export async function peopleData(request: PageRequest, services: PageServices): Promise<PeopleData> {
  const mayCreate = request.may("engineer");
  const [contacts, routes, notifications, site] = await Promise.all([
    part(async () => (await services.contacts.list()).map((contact) => toContactRow(contact, mayCreate))),
    part(async () => (await services.contacts.listRoutes()).map(toRouteRow)),
    part(async () => (await services.notifier.list({ limit: 50 })).items),
    part(() => services.site()),
  ]);
  return {
    contacts,
    routes,
    notifications,
    mayTest: mayCreate,
    mayCreate,
    inboxUrl: site.ok ? site.data.demoInboxUrl : null,
  };
}

function toContactRow(contact: Contact, mayCreate: boolean): ContactRow {
  const { id, name, email, groups, active, source } = contact;
  const channels = contact.channels.map(({ type, settings, minimumLevel = null }) => ({
    type,
    target: targetOf(settings) ?? email ?? "–",
    minimumLevel,
  }));
  return { id, name, email, groups, active, source, channels, mayChange: mayCreate && source === null };
}

/** Where it goes, without secrets: the host of an address, or the address of a mail. */
function targetOf(settings: Readonly<Record<string, unknown>>): string | null {
  const { url, address } = settings;
  if (typeof address === "string") return address;
  if (typeof url !== "string") return null;
  return URL.canParse(url) ? new URL(url).host : null;
}

function toRouteRow({ id, name, source, matchers, contacts, groups }: Route) {
  const fits = matchers.map((matcher) => `${matcher.name} ${matcher.op} ${matcher.value}`).join(", ");
  return { id, name, source, matchers: fits, to: [...contacts, ...groups].join(", ") };
}
