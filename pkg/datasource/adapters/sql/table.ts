import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { ColumnType } from "../../columns.ts";
import type { TableShape } from "../sql.ts";

const isName = (text: string) => /^[A-Za-z_][A-Za-z0-9_]{0,59}$/.test(text);
const sqlTypes = {
  text: "text",
  integer: "bigint",
  number: "double precision",
  boolean: "integer",
  json: "text",
} as const satisfies Record<ColumnType, string>;

/** Makes the table when it is not there. Throws `AppError("config")` on a name that is none. */
export async function makeTable(sql: SqlClient, { table, columns, key }: TableShape): Promise<void> {
  const wrong = [table, ...columns.map(({ name }) => name)].find((name) => !isName(name));
  if (wrong !== undefined) {
    throw new AppError("config", {
      at: `table ${table}`,
      message: `"${wrong}" is no name`,
      mend: "use letters, digits and _",
    });
  }
  await sql.changeSchema(async ({ db }) => {
    let made = db.schema.createTable(table).ifNotExists();
    for (const { name, type, nullable } of columns) {
      const isKey = name === key;
      made = made.addColumn(name, isKey && type === "text" ? "varchar(500)" : sqlTypes[type], (column) => {
        const whole = nullable ? column : column.notNull();
        return isKey ? whole.primaryKey() : whole;
      });
    }
    await made.execute();
  });
}
