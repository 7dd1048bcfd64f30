import type { Audit } from "#pkg/audit/port.ts";
import type { Change, ChangeNote, DataSource, NotedSource } from "#pkg/datasource/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";

/** Keys of a batch that one entry names. */
const mostKeys = 100;

/**
 * A list of the site with its changes in the audit log; the product's own lists write there themselves.
 *
 * A table's change and its entry stand in one transaction. A file takes no part in one: its entry is on disk before the
 * file is written, so no change is without one, also after a kill. When the file is not written then, a second entry
 * `data.failed` says so; after a kill between the two the entry stands alone, and the file shows the old content.
 */
export function withAudit(
  source: NotedSource,
  { name, by, audit }: { name: string; by: string; audit: Pick<Audit, "record"> },
): DataSource {
  const edit = async <T>(work: (noting: DataSource) => Promise<T>): Promise<T> => {
    let standing: { target: string } | undefined;
    const note: ChangeNote = async (changes, tx) => {
      const entry = toEntry(changes, { name, key: source.key });
      await audit.record({ by, ...entry }, tx);
      if (!tx) standing = entry;
    };
    try {
      return await work(source.noting(note));
    } catch (error) {
      const failed = { by, action: "data.failed", before: null, after: { error: messageOf(error) } };
      if (standing) await audit.record({ ...failed, target: standing.target });
      throw error;
    }
  };
  return {
    ...source,
    create: (record) => edit((noting) => noting.create(record)),
    update: (id, changes) => edit((noting) => noting.update(id, changes)),
    delete: (id) => edit((noting) => noting.delete(id)),
    createMany: (records) => edit((noting) => noting.createMany(records)),
    updateMany: (records) => edit((noting) => noting.updateMany(records)),
  };
}

/** All changes of an edit are of one kind. Of one record the entry tells all, of a batch the keys. */
function toEntry(changes: readonly Change[], { name, key }: { name: string; key: string }) {
  const all = changes.map((change) => ({
    before: change.kind === "create" ? null : change.before,
    after: change.kind === "delete" ? null : change.record,
  }));
  const keys = all.slice(0, mostKeys).map(({ before, after }) => (after ?? before)?.[key]);
  const action = `data.${changes[0]?.kind}`;
  if (all.length === 1) return { action, target: `${name} ${String(keys[0])}`, before: null, after: null, ...all[0] };
  return { action, target: name, before: null, after: { records: all.length, keys } };
}
