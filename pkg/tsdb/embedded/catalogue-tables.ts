import type { DatabaseSync } from "node:sqlite";
import { openCheckedTable, type TableShape } from "./checked-table.ts";
import { addColumn, inTransaction, openFile, sqliteCorrupt } from "./database.ts";
import { unpackSeries } from "./series-record.ts";

/**
 * `series`: packed series (see series-record.ts) by their first id. `newest`: per group of series, time and value of the
 * newest sample of each. `tombstone`: deletions, see tombstones.ts. `state`, by name: `sealed_to`: batches up to this
 * position are in the day files; `series`: how many there are; `newest_groups`: how many rows `newest` has. Each row has
 * a checksum, and where nothing else could bring it back a copy (see checked-table.ts).
 */
const tables = {
  series: "first integer primary key, data blob not null",
  newest: "series_group integer primary key, data blob not null",
  tombstone:
    "id integer primary key, from_ms real not null, to_ms real not null, written real not null, series blob not null",
  state: "name text primary key, value real not null",
};
const createTable = (name: string, columns: string) =>
  `create table if not exists ${name} (${columns}, checksum integer);`;
const schema = Object.entries(tables)
  .flatMap(([name, columns]) => [
    createTable(name, columns),
    ...(name === "newest" ? [] : [createTable(`${name}_copy`, columns)]),
  ])
  .join("\n");

/** Files whose rows all have checksums and copies; those of 0.1.0 have none. */
const checked = 1;

const shapes = {
  series: { name: "series", columns: [number("first"), blob("data")], hasCopy: true },
  newest: { name: "newest", columns: [number("series_group"), blob("data")], hasCopy: false },
  tombstone: {
    name: "tombstone",
    columns: [number("id"), number("from_ms"), number("to_ms"), number("written"), blob("series")],
    hasCopy: true,
  },
  state: { name: "state", columns: [{ name: "name", type: "text" }, number("value")], hasCopy: true },
} as const satisfies Record<string, TableShape>;

function number(name: string) {
  return { name, type: "number" } as const;
}

function blob(name: string) {
  return { name, type: "blob" } as const;
}

/** The tables of an open catalogue file. */
export type CatalogueTables = { readonly [name in keyof typeof shapes]: ReturnType<typeof openCheckedTable> };

/** Runs `work` on the tables in one transaction. */
export function inCatalogueFile<R>(path: string, work: (tables: CatalogueTables) => R): R {
  return onCatalogueFile(path, (tables, database) => inTransaction(database, () => work(tables)));
}

/** The same without one: SQLite ends no transaction in which it found the file broken. */
export function onCatalogueFile<R>(path: string, work: (tables: CatalogueTables, database: DatabaseSync) => R): R {
  const database = openFile(path, schema);
  try {
    bringUpToDate(database);
    return work(openTables(database), database);
  } finally {
    database.close();
  }
}

function openTables(database: DatabaseSync): CatalogueTables {
  return {
    series: openCheckedTable(database, shapes.series),
    newest: openCheckedTable(database, shapes.newest),
    tombstone: openCheckedTable(database, shapes.tombstone),
    state: openCheckedTable(database, shapes.state),
  };
}

/** Gives the rows of a file of 0.1.0 checksums and copies; from then on a row without is damaged. */
function bringUpToDate(database: DatabaseSync): void {
  const version = Number(database.prepare("pragma user_version").get()?.["user_version"]);
  if (version >= checked) return;
  for (const name of Object.keys(tables)) addColumn(database, name, "checksum integer");
  inTransaction(database, () => {
    const opened = openTables(database);
    for (const { name, columns } of Object.values(shapes)) {
      const names = columns.map((column) => column.name);
      for (const row of database.prepare(`select ${names.join(", ")} from ${name} where checksum is null`).all()) {
        // What SQLite gives is none of these only where a column is null, which the schema refuses.
        opened[name].put(names.map((column) => row[column] as number | string | Uint8Array));
      }
    }
    const newestGroups = Number(database.prepare("select count(*) n from newest").get()?.["n"]);
    opened.state.put(["newest_groups", newestGroups]);
    opened.state.put(["series", countSeries(database)]);
    if (!opened.state.get("sealed_to")) opened.state.put(["sealed_to", 0]);
    database.exec(`pragma user_version = ${checked}`);
  });
}

function countSeries(database: DatabaseSync): number {
  const last = database.prepare("select data from series order by first desc limit 1").get()?.["data"];
  if (!(last instanceof Uint8Array)) return 0;
  const { first, keys } = unpackSeries(last);
  return first + keys.length;
}

/** What the file says of itself by this name; undefined when it is lost. */
export function readState(
  { state }: CatalogueTables,
  name: "sealed_to" | "series" | "newest_groups",
): number | undefined {
  try {
    const value = state.get(name)?.[1];
    return typeof value === "number" ? value : undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** An error that `isBroken`. */
export function lostContents(): Error {
  return Object.assign(new Error("it has lost what it held"), { errcode: sqliteCorrupt });
}
