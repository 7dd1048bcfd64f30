import type { Change, DataRecord } from "./port.ts";
import { idOf, type Rows } from "./rows.ts";

/** The records after the changes: updated in their place, new ones at the end. */
export function applyChanges(records: readonly DataRecord[], changes: readonly Change[], key: string): DataRecord[] {
  const changed = new Map(
    changes.flatMap((change) => (change.kind === "create" ? [] : [[change.id, change] as const])),
  );
  const kept = records.flatMap((record) => {
    const change = changed.get(idOf(record, key));
    if (!change) return [record];
    return change.kind === "update" ? [change.record] : [];
  });
  return [...kept, ...changes.flatMap((change) => (change.kind === "create" ? [change.record] : []))];
}

/** Those of these keys that are there. */
export function findIn(rows: Rows, ids: readonly string[]): Map<string, DataRecord> {
  return new Map(
    ids.flatMap((id) => {
      const record = rows.find(id);
      return record ? [[id, record] as const] : [];
    }),
  );
}
