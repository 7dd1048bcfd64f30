import { v7 } from "uuid";
import { AppError } from "#pkg/errors/errors.ts";
import type { Tx } from "#pkg/sql/port.ts";
import { checkChannels, type TargetOf } from "./channels.ts";
import type { Contact, ContactSpec, Route, RouteSpec } from "./contract.ts";
import { checkRoute } from "./routes.ts";
import type { ContactStore } from "./store.ts";

type FromFile<T> = T & { source: string };

/** Refuses channels that their notifier does not take: throws `AppError("config")` with file and line of the contact. */
export function checkContactsFromFiles(contacts: readonly FromFile<ContactSpec>[], targetOf: TargetOf): void {
  for (const contact of contacts) atSource(contact, () => checkChannels(contact, targetOf));
}

/**
 * Makes the file's contacts and routes those of the store: known by name, gone when their entry went.
 * Throws `AppError("config")` with both places on a name that is taken.
 */
export async function replaceFromFiles(
  tx: Tx,
  { store, nowMs }: { store: ContactStore; nowMs: number },
  contacts: readonly FromFile<ContactSpec>[],
  routes: readonly FromFile<RouteSpec>[],
): Promise<void> {
  const known = await store.contacts(tx);
  const knownRoutes = await store.routes(tx);
  refuseTaken(contacts, known, "contact");
  refuseTaken(routes, knownRoutes, "route");
  for (const gone of goneFrom(knownRoutes, routes)) await store.removeRoute(tx, gone.id);
  for (const gone of goneFrom(known, contacts)) await store.removeContact(tx, gone.id);
  for (const contact of contacts) await store.saveContact(tx, toRecord(contact, known, nowMs));
  const present = await store.contacts(tx);
  for (const route of routes) {
    atSource(route, () => checkRoute(route, present));
    const id = knownRoutes.find((one) => one.name === route.name)?.id ?? v7();
    await store.saveRoute(tx, { ...route, id });
  }
}

/** What is wrong with an entry of a file is said with the place of that entry. */
function atSource({ source }: { source: string }, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { at = "", detail, mend = "correct it", fields } = error;
    throw new AppError("config", { at: source, message: `${at}: ${detail}`, mend, fields, cause: error });
  }
}

function toRecord(contact: FromFile<ContactSpec>, known: readonly Contact[], nowMs: number): Contact {
  const before = known.find((one) => one.name === contact.name);
  return { ...contact, id: before?.id ?? v7(), createdAt: before?.createdAt ?? nowMs, updatedAt: nowMs };
}

function goneFrom<T extends Contact | Route>(known: readonly T[], entries: readonly { name: string }[]): T[] {
  return known.filter((one) => one.source !== null && !entries.some((entry) => entry.name === one.name));
}

function refuseTaken(
  entries: readonly { name: string; source: string }[],
  known: readonly { name: string; source: string | null }[],
  what: string,
): void {
  for (const [index, entry] of entries.entries()) {
    const twin = entries.slice(0, index).find((one) => one.name === entry.name)?.source;
    const stored = known.some((one) => one.name === entry.name && one.source === null) ? "the database" : undefined;
    const place = twin ?? stored;
    if (place === undefined) continue;
    throw new AppError("config", {
      at: entry.source,
      message: `the ${what} "${entry.name}" is in ${place} already`,
      mend: "give one of the two another name",
    });
  }
}
