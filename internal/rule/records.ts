import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Rule, RuleSpec } from "./contract.ts";
import type { RuleTables } from "./tables.ts";
import { toSpec } from "./wire.ts";

/** All rules as they are stored, by name. */
export async function readRules(sql: SqlClient): Promise<Rule[]> {
  const rows = await sql.db<RuleTables>().selectFrom("rule").selectAll().orderBy("name").execute();
  return rows.map((row) => ({
    ...(JSON.parse(row.spec) as RuleSpec), // written by `writeRule` alone
    id: row.id,
    source: row.source,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));
}

export async function writeRule(tx: Tx, rule: Rule): Promise<void> {
  await removeRule(tx, rule.id);
  const spec = JSON.stringify(toSpec(rule));
  const { id, name, source } = rule;
  const row = { id, name, source, spec, created_at: rule.createdAt, updated_at: rule.updatedAt };
  await tx.db<RuleTables>().insertInto("rule").values(row).execute();
}

export async function removeRule(tx: Tx, id: string): Promise<void> {
  await tx.db<RuleTables>().deleteFrom("rule").where("id", "=", id).execute();
}
