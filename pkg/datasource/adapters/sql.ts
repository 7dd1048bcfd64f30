import type { Kysely } from "kysely";
import type { TObject } from "typebox";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { type Column, toColumns } from "../columns.ts";
import { planQuery, toCursor } from "../cursor.ts";
import type { Change, DataPage, DataQuery, DataRecord, NotedSource } from "../port.ts";
import { idOf } from "../rows.ts";
import { createSource } from "../source.ts";
import { refuseUnknownFields, whereAfter, whereFits, whereMentions } from "./sql/conditions.ts";
import { fromRow, type Row, toRow } from "./sql/row.ts";
import { makeTable } from "./sql/table.ts";

const rowsPerStatement = 200;

/** The one table, whatever its columns are. */
export type OneTable = Record<string, Row>;

export interface SqlSourceOptions {
  sql: SqlClient;
  /** Letters, digits and `_`. Made by `prepare` when it is not there. */
  table: string;
  schema: TObject;
  /** Its column must be unique; the table that `prepare` makes has it as primary key. */
  key: string;
  writable: boolean;
}

/** Records in a table of the database. Filter, order and page are the database's work. */
export async function openSqlSource({ sql, table, schema, key, writable }: SqlSourceOptions): Promise<NotedSource> {
  const columns = toColumns(schema);
  await makeTable(sql, { table, columns, key });
  const db = (tx?: Tx): Kysely<OneTable> => tx?.db<OneTable>() ?? sql.db<OneTable>();
  const find = async (ids: readonly string[], tx?: Tx) => {
    const found = new Map<string, DataRecord>();
    for (const some of chunks(ids)) {
      const rows = await db(tx)
        .selectFrom(table)
        .selectAll()
        .where(
          key,
          "in",
          some.map((id) => toKey(id, columns, key)),
        )
        .execute();
      for (const row of rows) found.set(idOf(fromRow(row, columns), key), fromRow(row, columns));
    }
    return found;
  };
  const at = `table ${table}`;
  return createSource({
    ...{ at, schema, key },
    backend: {
      list: (query) => listRows(db(), { table, columns, key }, query),
      find: (ids) => find(ids),
      ...(writable && {
        edit: (plan, note) =>
          sql.transaction(async (tx) => {
            const changes = await plan((ids) => find(ids, tx));
            if (changes.length > 0) await note(changes, tx);
            await applyChanges(db(tx), { table, columns, key }, changes);
          }),
      }),
    },
  });
}

export interface TableShape {
  table: string;
  columns: readonly Column[];
  key: string;
}

async function listRows(
  db: Kysely<OneTable>,
  { table, columns, key }: TableShape,
  query: DataQuery,
): Promise<DataPage> {
  const { filter, search, sort, limit, after } = planQuery(query, key);
  refuseUnknownFields([...filter, ...sort], columns);
  const fitting = db
    .selectFrom(table)
    .where((where) =>
      where.and([...filter.map((one) => whereFits(where, one, columns)), whereMentions(where, search, columns)]),
    );
  const { total } = await fitting.select(({ fn }) => fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  let page = fitting.selectAll().limit(limit + 1);
  if (after) page = page.where((where) => whereAfter(where, sort, after, columns));
  for (const { field, descending } of sort) page = page.orderBy(field, descending ? "desc" : "asc");
  const rows = (await page.execute()).map((row) => fromRow(row, columns));
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last && rows.length > limit ? toCursor(last, sort) : null, total: Number(total) };
}

async function applyChanges(
  db: Kysely<OneTable>,
  { table, columns, key }: TableShape,
  changes: readonly Change[],
): Promise<void> {
  const created = changes.flatMap((change) => (change.kind === "create" ? [toRow(change.record, columns)] : []));
  for (const some of chunks(created))
    await db
      .insertInto(table)
      .values([...some])
      .execute();
  for (const change of changes) {
    if (change.kind === "create") continue;
    const id = toKey(change.id, columns, key);
    if (change.kind === "delete") await db.deleteFrom(table).where(key, "=", id).execute();
    else await db.updateTable(table).set(toRow(change.record, columns)).where(key, "=", id).execute();
  }
}

/** Ids are texts; the key's column may hold numbers. */
function toKey(id: string, columns: readonly Column[], key: string): string | number {
  const column = columns.find(({ name }) => name === key);
  if (!column)
    throw new AppError("config", { at: key, message: "the key is no column", mend: "name one of the columns" });
  return column.type === "text" ? id : Number(id);
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += rowsPerStatement)
    yield items.slice(start, start + rowsPerStatement);
}
