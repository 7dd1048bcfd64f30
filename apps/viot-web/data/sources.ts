import { dirname, join } from "node:path";
import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { createCsvSource } from "#pkg/datasource/adapters/csv.ts";
import type { FileSourceOptions } from "#pkg/datasource/adapters/file/source.ts";
import { createJsonSource } from "#pkg/datasource/adapters/json.ts";
import { openSqlSource } from "#pkg/datasource/adapters/sql.ts";
import { createYamlSource } from "#pkg/datasource/adapters/yaml.ts";
import { toSchema } from "#pkg/datasource/columns.ts";
import type { DataConfig, SourceConfig } from "#pkg/datasource/config.ts";
import type { DataSource, NotedSource } from "#pkg/datasource/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { withAudit } from "./audited.ts";
import { type BuiltInDeps, builtInSources } from "./built-in.ts";

/** A list under a name. `open` takes who changes it, for the audit log. */
export interface NamedSource {
  name: string;
  type: "csv" | "json" | "yaml" | "sql" | "resource";
  open(by: string): DataSource;
}

export interface SourcesDeps extends BuiltInDeps {
  sql: SqlClient;
  clock: Clock;
  audit: Pick<Audit, "record">;
  /** Which file configures them: its folder has `data.d`. */
  configFile: string;
  locate(path: readonly string[]): string;
}

const fileSources = { csv: createCsvSource, json: createJsonSource, yaml: createYamlSource };

/** The lists of the configuration and those that are always there. Throws `AppError("config")` with file and line. */
export async function openSources(
  { sources }: DataConfig,
  deps: SourcesDeps,
): Promise<ReadonlyMap<string, NamedSource>> {
  const all = new Map(builtInSources(deps).map((source) => [source.name, source]));
  for (const [name, config] of Object.entries(sources)) {
    const at = deps.locate(["data", "sources", name]);
    if (all.has(name)) throw wrong(at, `the list "${name}" is always there`, "take another name");
    const source = await openSource(config, at, deps);
    all.set(name, { name, type: config.type, open: (by) => withAudit(source, { name, by, audit: deps.audit }) });
  }
  return all;
}

async function openSource(
  config: SourceConfig,
  at: string,
  { sql, clock, configFile }: SourcesDeps,
): Promise<NotedSource> {
  const { type, file, table, key, writable } = config;
  const schema = toSchema(config.columns);
  const keyType = config.columns[key];
  if (keyType !== "text" && keyType !== "integer") {
    throw wrong(at, `the key "${key}" is no column of type text or integer`, "name one in columns, without ?");
  }
  if (type === "sql") {
    if (table === undefined) throw wrong(at, "it has no table", 'write table = "site_…"');
    return openSqlSource({ sql, table, schema, key, writable });
  }
  if (file === undefined) throw wrong(at, "it has no file", `write file = "….${type}"`);
  const files = await openDirectory({ folder: join(dirname(configFile), "data.d"), sql, clock });
  await files.stamp(file); // refuses a name that leaves the folder
  const options: FileSourceOptions = { files, name: file, at: `data.d/${file}`, schema, key, writable };
  return fileSources[type](options);
}

const wrong = (at: string, message: string, mend: string) => new AppError("config", { at, message, mend });
