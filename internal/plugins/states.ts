import type { TSchema } from "typebox";
import type { Clock } from "#pkg/clock/port.ts";
import type { PluginKind } from "#pkg/contracts/plugin.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { PluginReport } from "./contract.ts";
import { createSince } from "./since.ts";
import type { PluginStateRow, PluginTables } from "./tables.ts";

/** What is remembered of a plugin. */
export interface PluginState {
  kind: PluginKind;
  id: string;
  isEnabled: boolean;
  version: string | null;
  target: TSchema | null;
  /** What switched it off, and the fingerprint of the version that did it. */
  fault: { reason: string; of: string } | null;
}

/** Remembers over a restart which plugins are wanted and which failed. */
export interface PluginStates {
  get(kind: string, id: string): PluginState | undefined;
  list(): PluginState[];
  save(state: PluginState, by: string, also?: (tx: Tx) => Promise<void>): Promise<void>;
  remove(kind: string, id: string): Promise<void>;
}

/** The same, from the table, which knows the times too. */
export interface StoredStates extends PluginStates {
  /** Since when a plugin is as it is, UTC ms. */
  since(report: PluginReport): number;
}

/** Opens the table; what it holds is kept in memory too, for questions that cannot wait. */
export async function openPluginStates({ sql, clock }: { sql: SqlClient; clock: Clock }): Promise<StoredStates> {
  const rows = await sql.db<PluginTables>().selectFrom("plugin_states").selectAll().execute();
  const states = new Map(rows.map((row) => [`${row.kind}/${row.id}`, toState(row)]));
  const changedAt = new Map(rows.map((row) => [`${row.kind}/${row.id}`, Number(row.changed_at)]));
  const since = createSince(() => clock.now());
  return {
    get: (kind, id) => states.get(`${kind}/${id}`),
    list: () => [...states.values()],
    since: (report) => since(report, changedAt.get(`${report.kind}/${report.id}`)),
    async save(state, by, also) {
      const row = toRow(state, { at: clock.now(), by });
      await sql.transaction(async (tx) => {
        await removeRow(tx, state.kind, state.id);
        await tx.db<PluginTables>().insertInto("plugin_states").values(row).execute();
        await also?.(tx);
      });
      states.set(`${state.kind}/${state.id}`, state);
    },
    async remove(kind, id) {
      await sql.transaction((tx) => removeRow(tx, kind, id));
      states.delete(`${kind}/${id}`);
    },
  };
}

/** For a look at plugins without a database: nothing is remembered. */
export function createForgetfulStates(): PluginStates {
  const states = new Map<string, PluginState>();
  return {
    get: (kind, id) => states.get(`${kind}/${id}`),
    list: () => [...states.values()],
    save: async (state) => void states.set(`${state.kind}/${state.id}`, state),
    remove: async (kind, id) => void states.delete(`${kind}/${id}`),
  };
}

async function removeRow(tx: Tx, kind: string, id: string): Promise<void> {
  await tx.db<PluginTables>().deleteFrom("plugin_states").where("kind", "=", kind).where("id", "=", id).execute();
}

function toRow(state: PluginState, { at, by }: { at: number; by: string }): PluginStateRow {
  const { kind, id, version, target, fault } = state;
  return {
    kind,
    id,
    enabled: state.isEnabled ? 1 : 0,
    version,
    target: target && JSON.stringify(target),
    fault: fault?.reason.slice(0, 2000) ?? null,
    fault_of: fault?.of ?? null,
    changed_at: at,
    changed_by: by.slice(0, 200),
  };
}

function toState(row: PluginStateRow): PluginState {
  return {
    kind: row.kind as PluginKind, // written by `toRow` only
    id: row.id,
    isEnabled: row.enabled === 1,
    version: row.version,
    target: row.target === null ? null : JSON.parse(row.target),
    fault: row.fault === null || row.fault_of === null ? null : { reason: row.fault, of: row.fault_of },
  };
}
