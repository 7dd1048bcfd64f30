import { v7 } from "uuid";
import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { checkChannels, completeChannel, concealSecrets, keepSecrets, type TargetOf } from "./channels.ts";
import type { Contact, Contacts, Recipient, Route } from "./contract.ts";
import { checkContactsFromFiles, replaceFromFiles } from "./from-files.ts";
import { addressesOf, selectRecipients } from "./recipients.ts";
import { checkRoute } from "./routes.ts";
import { type ContactStore, createContactStore } from "./store.ts";

export interface ContactsDeps {
  sql: SqlClient;
  clock: Clock;
  audit: Pick<Audit, "record">;
  /** Schema of a notifier's channel settings. */
  targetOf: TargetOf;
}

/** Contacts and routes: records of the database, beside those of the files, which are read-only here. */
export function createContacts({ sql, clock, audit, targetOf }: ContactsDeps): Contacts {
  const store = createContactStore(sql);
  const change = <T extends Contact | Route>(by: string, action: string, work: (tx: Tx) => Promise<Change<T>>) =>
    sql.transaction(async (tx) => {
      const { target, before, after } = await work(tx);
      const shown = (record: T | undefined) => (record ? withoutSecrets(record, targetOf) : null);
      await audit.record({ by, action, target, before: shown(before), after: shown(after) }, tx);
      // Every change has a record before or after it.
      return (after ?? before) as T;
    });
  return {
    create: (spec, by) =>
      change(by, "contact.create", async (tx) => {
        const after = { ...spec, id: v7(), source: null, createdAt: clock.now(), updatedAt: clock.now() };
        await saveChecked(tx, store, after, targetOf);
        return { target: after.name, after };
      }),
    update: (id, spec, by) =>
      change(by, "contact.update", async (tx) => {
        const before = writable(find(await store.contacts(tx), id, "contact"), "contact");
        const after = { ...before, ...keepSecrets(spec, before, targetOf), updatedAt: clock.now() };
        await saveChecked(tx, store, after, targetOf);
        return { target: after.name, before, after };
      }),
    remove: async (id, by) => {
      await change(by, "contact.remove", async (tx) => {
        const before = writable(find(await store.contacts(tx), id, "contact"), "contact");
        await store.removeContact(tx, id);
        return { target: before.name, before };
      });
    },
    get: async (id) => (await store.contacts()).find((contact) => contact.id === id),
    list: () => store.contacts(),
    createRoute: (spec, by) =>
      change(by, "route.create", async (tx) => {
        const after: Route = { ...spec, id: v7(), source: null };
        refuseDouble(await store.routes(tx), after, "route");
        checkRoute(after, await store.contacts(tx));
        await store.saveRoute(tx, after);
        return { target: after.name, after };
      }),
    removeRoute: async (id, by) => {
      await change(by, "route.remove", async (tx) => {
        const before = writable(find(await store.routes(tx), id, "route"), "route");
        await store.removeRoute(tx, id);
        return { target: before.name, before };
      });
    },
    listRoutes: () => store.routes(),
    async setFromFiles(contacts, routes) {
      checkContactsFromFiles(contacts, targetOf);
      await sql.transaction((tx) => replaceFromFiles(tx, { store, nowMs: clock.now() }, contacts, routes));
    },
    async recipients(labels) {
      const [contacts, routes] = [await store.contacts(), await store.routes()];
      return selectRecipients(contacts, routes, labels).map((one) => complete(one, targetOf));
    },
    async channels(contactId) {
      const contact = (await store.contacts()).find((one) => one.id === contactId);
      return contact ? addressesOf(contact).map((one) => complete(one, targetOf)) : [];
    },
  };
}

function complete(recipient: Recipient, targetOf: TargetOf): Recipient {
  const target = targetOf(recipient.channel.type);
  if (!target) return recipient;
  return { ...recipient, channel: completeChannel(recipient.contact, recipient.channel, target) };
}

/** The audit log is read by people: what is secret stays out of it. */
function withoutSecrets(record: Contact | Route, targetOf: TargetOf): Contact | Route {
  return "channels" in record ? concealSecrets(record, targetOf) : record;
}

interface Change<T> {
  target: string;
  before?: T;
  after?: T;
}

async function saveChecked(tx: Tx, store: ContactStore, contact: Contact, targetOf: TargetOf): Promise<void> {
  checkChannels(contact, targetOf);
  refuseDouble(await store.contacts(tx), contact, "contact");
  await store.saveContact(tx, contact);
}

function find<T extends { id: string }>(records: readonly T[], id: string, what: string): T {
  const record = records.find((one) => one.id === id);
  if (record) return record;
  throw new AppError("not_found", { message: `there is no ${what} ${id}`, mend: `GET /api/v1/${what}s lists them` });
}

function writable<T extends { name: string; source: string | null }>(record: T, what: string): T {
  if (record.source === null) return record;
  throw new AppError("read_only", {
    at: record.source,
    message: `the ${what} "${record.name}" comes from this file`,
    mend: "change it there",
  });
}

function refuseDouble(others: readonly (Contact | Route)[], record: Contact | Route, what: string): void {
  const other = others.find((one) => one.name === record.name && one.id !== record.id);
  if (!other) return;
  throw new AppError("conflict", {
    ...(other.source === null ? {} : { at: other.source }),
    message: `there is a ${what} "${record.name}" already`,
    mend: "take another name, or change that one",
  });
}
