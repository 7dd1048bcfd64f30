import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Contact, Route } from "./contract.ts";
import { type ContactTables, toContact, toContactRow, toRoute, toRouteRow } from "./tables.ts";

/** Contacts and routes on disk. With a `tx` the call is part of that transaction. */
export interface ContactStore {
  contacts(tx?: Tx): Promise<Contact[]>;
  routes(tx?: Tx): Promise<Route[]>;
  saveContact(tx: Tx, contact: Contact): Promise<void>;
  saveRoute(tx: Tx, route: Route): Promise<void>;
  removeContact(tx: Tx, id: string): Promise<void>;
  removeRoute(tx: Tx, id: string): Promise<void>;
}

export function createContactStore(sql: SqlClient): ContactStore {
  const over = (tx: Tx | undefined) => tx?.db<ContactTables>() ?? sql.db<ContactTables>();
  return {
    contacts: async (tx) =>
      (await over(tx).selectFrom("contacts").selectAll().orderBy("name").execute()).map(toContact),
    routes: async (tx) =>
      (await over(tx).selectFrom("contact_routes").selectAll().orderBy("name").execute()).map(toRoute),
    async saveContact(tx, contact) {
      const row = toContactRow(contact);
      const db = tx.db<ContactTables>();
      const updated = await db.updateTable("contacts").set(row).where("id", "=", row.id).executeTakeFirst();
      if (updated.numUpdatedRows === 0n) await db.insertInto("contacts").values(row).execute();
    },
    async saveRoute(tx, route) {
      const row = toRouteRow(route);
      const db = tx.db<ContactTables>();
      const updated = await db.updateTable("contact_routes").set(row).where("id", "=", row.id).executeTakeFirst();
      if (updated.numUpdatedRows === 0n) await db.insertInto("contact_routes").values(row).execute();
    },
    async removeContact(tx, id) {
      await tx.db<ContactTables>().deleteFrom("contacts").where("id", "=", id).execute();
    },
    async removeRoute(tx, id) {
      await tx.db<ContactTables>().deleteFrom("contact_routes").where("id", "=", id).execute();
    },
  };
}
