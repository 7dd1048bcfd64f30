import type { Audit } from "#pkg/audit/port.ts";
import type { DataRecord, DataSource } from "#pkg/datasource/port.ts";

/** Keys of a batch that one entry names. */
const mostKeys = 100;

/**
 * A list of the site with its changes in the audit log. The product's own lists write there themselves; a file takes no
 * part in a transaction, so the entry follows the change.
 */
export function withAudit(
  source: DataSource,
  { name, by, audit }: { name: string; by: string; audit: Pick<Audit, "record"> },
): DataSource {
  const record = (action: string, target: string, before: unknown, after: unknown) =>
    audit.record({ by, action: `data.${action}`, target, before, after });
  const place = (id: unknown) => `${name} ${String(id)}`;
  const many = async (action: string, records: DataRecord[]) => {
    const keys = records.slice(0, mostKeys).map((one) => one[source.key]);
    await record(action, name, null, { records: records.length, keys });
    return records;
  };
  return {
    ...source,
    async create(wanted) {
      const made = await source.create(wanted);
      await record("create", place(made[source.key]), null, made);
      return made;
    },
    async update(id, changes) {
      const before = (await source.get(id)) ?? null;
      const after = await source.update(id, changes);
      await record("update", place(id), before, after);
      return after;
    },
    async delete(id) {
      const before = (await source.get(id)) ?? null;
      await source.delete(id);
      await record("delete", place(id), before, null);
    },
    createMany: async (records) => many("create", await source.createMany(records)),
    updateMany: async (records) => many("update", await source.updateMany(records)),
  };
}
