import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { Vault } from "#pkg/secret/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { DeviceQuery } from "./contract.ts";
import { openRow } from "./sealed.ts";
import { type InventoryTables, type StoredDevice, toStored } from "./tables.ts";

const defaultLimit = 100;
const largestLimit = 1000;

/** One page by name, then id; the cursor is where the last page ended, so rows that come or go do not shift it. */
export async function listDevices(
  client: SqlClient,
  vault: Pick<Vault, "open">,
  query: DeviceQuery,
): Promise<{ items: StoredDevice[]; next: string | null }> {
  const limit = Math.min(query.limit ?? defaultLimit, largestLimit);
  const rows = await client
    .db<InventoryTables>()
    .selectFrom("devices")
    .selectAll()
    .where((eb) => eb.and(conditions(eb, query)))
    .orderBy("name")
    .orderBy("id")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map((row) => toStored(openRow(row, vault)));
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? toCursor(last.name, last.id) : null };
}

function conditions(eb: ExpressionBuilder<InventoryTables, "devices">, query: DeviceQuery): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (query.state) all.push(eb("state", "=", query.state));
  if (query.protocol) all.push(eb("protocol", "=", query.protocol));
  if (query.kind) all.push(eb("kind", "=", query.kind));
  for (const [key, value] of Object.entries(query.tags ?? {})) all.push(hasTag(key, value));
  if (query.search) all.push(matches(eb, query.search));
  if (query.cursor !== undefined) {
    const { name, id } = parseCursor(query.cursor);
    all.push(eb.or([eb("name", ">", name), eb.and([eb("name", "=", name), eb("id", ">", id)])]));
  }
  return all;
}

/** Names of tags hold no quotes and JSON escapes those of values, so the pair stands in the text only where it is a tag. */
function hasTag(key: string, value: string): Expression<SqlBool> {
  const pair = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  return sql<SqlBool>`instr(${sql.ref("tags")}, ${pair}) > 0`;
}

function matches(eb: ExpressionBuilder<InventoryTables, "devices">, search: string): Expression<SqlBool> {
  const pattern = `%${search.replaceAll(/[!%_]/g, "!$&")}%`;
  const columns = ["name", "device_key", "model", "vendor"];
  return eb.or(columns.map((column) => sql<SqlBool>`lower(${sql.ref(column)}) like lower(${pattern}) escape '!'`));
}

const toCursor = (name: string, id: string) => Buffer.from(JSON.stringify([name, id])).toString("base64url");

function parseCursor(cursor: string): { name: string; id: string } {
  try {
    const [name, id]: unknown[] = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (typeof name === "string" && typeof id === "string") return { name, id };
  } catch {
    // Falls through to the one refusal below: whatever is wrong with it, it is not one of ours.
  }
  throw new AppError("bad_request", { at: "cursor", message: "it is none of ours", mend: "start without a cursor" });
}
