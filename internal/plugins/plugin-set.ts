import { type TSchema, Type } from "typebox";
import type { Audit } from "#pkg/audit/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { ListedPlugin, PluginReport, PluginSet, Plugins } from "./contract.ts";
import type { ExternalPlugins } from "./external/external-plugins.ts";
import { healthOf } from "./host.ts";
import type { StoredStates } from "./states.ts";

export interface PluginSetDeps {
  /** The built-in ones, as the configuration in use has made them. */
  builtIn(): Plugins;
  external: ExternalPlugins;
  states: StoredStates;
  audit: Pick<Audit, "record">;
}

/** All plugins behind one face: built-in ones in this thread, external ones in theirs. */
export function createPluginSet({ builtIn, external, states, audit }: PluginSetDeps): PluginSet {
  const isDisabled = (kind: string, id: string) => states.get(kind, id)?.isEnabled === false;
  const listed = (report: PluginReport): ListedPlugin => ({ ...report, since: states.since(report) });
  const list = () => {
    const own = builtIn().list();
    return [...own.map((report) => shown(report, isDisabled)), ...external.list()].map(listed);
  };
  const find = (kind: string, id: string) => list().find((report) => report.kind === kind && report.id === id);
  return {
    get: (kind, id) =>
      isDisabled(kind, id) ? undefined : (builtIn().get(kind, id) ?? external.registry(kind).get(id)),
    snapshot(kind) {
      const all = new Map([...external.registry(kind).snapshot(), ...builtIn().registry(kind).snapshot()]);
      for (const id of all.keys()) if (isDisabled(kind, id)) all.delete(id);
      return all;
    },
    targetOf: (id) => targetOf(id, builtIn(), external),
    list,
    health: () => healthOf(list()),
    async setEnabled(kind, id, isEnabled, by) {
      const before = find(kind, id);
      if (!before || before.kind === "unknown") throw unknownPlugin(kind, id);
      const known = states.get(kind, id) ?? { version: null, target: null };
      const action = isEnabled ? "plugin.enable" : "plugin.disable";
      const entry = { by, action, target: `${kind}/${id}`, before: { state: before.state } };
      await states.save({ ...known, kind: before.kind, id, isEnabled, fault: null }, by, (tx) =>
        audit.record({ ...entry, after: { isEnabled } }, tx),
      );
      if (external.has(kind, id)) await external.apply(kind, id, isEnabled);
      return find(kind, id) ?? listed({ ...before, state: "disabled", reason: null });
    },
  };
}

/** Schema of a notifier's channel settings, also while it is not running; undefined when there is no such notifier. */
export function targetOf(id: string, builtIn: Plugins, external: ExternalPlugins): TSchema | undefined {
  const known = external.schemasOf("notifier", id);
  return builtIn.get("notifier", id)?.target ?? (known && (known.target ?? anything));
}

/** Of a notifier that has never run nobody knows what its channels hold. */
const anything = Type.Object({}, { additionalProperties: true });

function shown(report: PluginReport, isDisabled: (kind: string, id: string) => boolean): PluginReport {
  return isDisabled(report.kind, report.id) ? { ...report, state: "disabled", reason: null } : report;
}

function unknownPlugin(kind: string, id: string): AppError {
  const mend = "npx detectviz plugin list, or GET /api/v1/plugins, tells which there are";
  return new AppError("not_found", { message: `there is no plugin ${kind}/${id}`, mend });
}
