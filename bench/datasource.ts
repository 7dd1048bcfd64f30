/**
 * Lists of 100,000 records: the first load, then pages as a person asks for them. Prints one JSON line a list: CPU ms, so that a busy machine
 * tells the same; each page first when it is new and then when it is asked for again.
 *
 *   node bench/datasource.ts [RECORDS]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { createCsvSource } from "#pkg/datasource/adapters/csv.ts";
import { createJsonSource } from "#pkg/datasource/adapters/json.ts";
import { openSqlSource } from "#pkg/datasource/adapters/sql.ts";
import { toColumns, toSchema } from "#pkg/datasource/columns.ts";
import { writeCsv } from "#pkg/datasource/csv/csv.ts";
import { spreadsheetDialect } from "#pkg/datasource/csv/dialect.ts";
import type { DataQuery, DataSource } from "#pkg/datasource/port.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";

const [count = "100000"] = process.argv.slice(2);
const schema = toSchema({ name: "text", room: "text", height: "integer?", load: "number", note: "text?" });
const records = Array.from({ length: Number(count) }, (_, index) => ({
  name: `rack-${(index * 7919) % Number(count)}`,
  room: `R${index % 200}`,
  height: index % 10 === 0 ? null : index % 48,
  load: index / 7,
  note: index % 3 === 0 ? `moved, "${index}"` : null,
}));
const folder = mkdtempSync(join(tmpdir(), "detectviz-data-"));
const database = await openTestDatabase();

const pages: Record<string, DataQuery> = {
  first: {},
  sorted: { sort: [{ field: "load", descending: true }] },
  filtered: { filter: [{ field: "room", operator: "eq", value: "R7" }], sort: [{ field: "height" }] },
  searched: { search: "rack-999" },
};

async function measure(list: string, source: DataSource): Promise<void> {
  const load = await timed(() => source.list());
  const figures: Record<string, number> = { load };
  for (const [name, query] of Object.entries(pages)) {
    figures[`${name}_first`] = await timed(() => source.list(query));
    const again = [];
    for (let run = 0; run < 9; run++) again.push(await timed(() => source.list(query)));
    figures[name] = again.toSorted((a, b) => a - b)[4] ?? 0;
  }
  const rounded = Object.entries(figures).map(([name, ms]) => [name, Math.round(ms * 10) / 10]);
  console.log(JSON.stringify({ bench: "datasource", list, records: records.length, ...Object.fromEntries(rounded) }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

try {
  const files = await openDirectory({ folder, sql: database.sql, clock });
  const options = { files, schema, key: "name", writable: true };
  writeFileSync(join(folder, "racks.csv"), await writeCsv(records, toColumns(schema), spreadsheetDialect));
  writeFileSync(join(folder, "racks.json"), JSON.stringify(records));
  await measure("csv", createCsvSource({ ...options, name: "racks.csv", at: "racks.csv" }));
  await measure("json", createJsonSource({ ...options, name: "racks.json", at: "racks.json" }));
  const table = await openSqlSource({ sql: database.sql, table: "site_racks", schema, key: "name", writable: true });
  await table.createMany(records);
  await measure("sql", table);
} finally {
  await database.dispose();
  rmSync(folder, { recursive: true, force: true });
}
