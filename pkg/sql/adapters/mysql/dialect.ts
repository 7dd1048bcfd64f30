import {
  type CreateTableNode,
  type DataTypeNode,
  type Dialect,
  MysqlAdapter,
  MysqlDriver,
  MysqlIntrospector,
  type MysqlPool,
  MysqlQueryCompiler,
} from "kysely";

/** What our schema steps mean: integers have 64 bits and texts no limit, as in SQLite. */
const columnTypes: Readonly<Record<string, string>> = { integer: "bigint", text: "longtext", blob: "longblob" };

/** Kysely's dialect, with the column types of SQLite and tables that compare text as SQLite does. */
export function createMysqlDialect(pool: MysqlPool, collation: string): Dialect {
  return {
    createDriver: () => new MysqlDriver({ pool }),
    createQueryCompiler: () => new SameAnswersCompiler(collation),
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: (db) => new MysqlIntrospector(db),
  };
}

/** Kysely is extended by deriving from its compiler. */
class SameAnswersCompiler extends MysqlQueryCompiler {
  readonly #collation: string;

  constructor(collation: string) {
    super();
    this.#collation = collation;
  }

  protected override visitDataType(node: DataTypeNode): void {
    this.append(columnTypes[node.dataType] ?? node.dataType);
  }

  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node);
    this.append(` engine = InnoDB default character set utf8mb4 collate ${this.#collation}`);
  }
}
