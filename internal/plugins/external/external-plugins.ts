import type { TSchema } from "typebox";
import type { PluginHttp, PluginKind, PluginKinds } from "#pkg/contracts/plugin.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { createRegistry, type Registry } from "#pkg/registry/registry.ts";
import type { PluginReport } from "../contract.ts";
import type { PluginStates } from "../states.ts";
import { type FolderProblem, findPlugins } from "./find.ts";
import { folderReports, strayProblems } from "./folder-reports.ts";
import { createKeeper } from "./keeper.ts";
import type { ThreadLimits } from "./plugin-thread.ts";
import { createSlot, type Slot, toReport } from "./slot.ts";
import { watchFolders } from "./watch-folders.ts";

/** What the configuration in use says of external plugins. */
export interface ExternalSettings {
  /** Absolute paths. */
  folders: readonly string[];
  limits: ThreadLimits;
  /** What stands under `[plugins.<kind>.<id>]`. */
  of(kind: PluginKind, id: string): unknown;
  /** Every `[plugins.<kind>.<id>]` that there is. */
  sections: readonly { kind: PluginKind; id: string }[];
  /** `file:line` of a key below `[plugins]`. */
  locate(path: readonly (string | number)[]): string;
}

export interface ExternalPluginsDeps {
  isBuiltIn(kind: string, id: string): boolean;
  states: PluginStates;
  http: PluginHttp;
  log: Logger;
  /** Hides the values of secrets in what a plugin says of itself. */
  scrub(text: string): string;
}

/** The plugins of the folders of `[plugins]`, each in a thread of its own. */
export interface ExternalPlugins {
  registry<K extends PluginKind>(kind: K): Registry<PluginKinds[K]>;
  /** The schemas that it shows, running or not; undefined when there is no such plugin. */
  schemasOf(kind: PluginKind, id: string): { config: TSchema | undefined; target: TSchema | undefined } | undefined;
  list(): PluginReport[];
  /** Takes over other folders, settings and limits, and looks into the folders again. */
  use(settings: ExternalSettings): Promise<void>;
  /** Starts or ends one after its state was changed; `isRetry` tries again what had failed. */
  apply(kind: string, id: string, isRetry: boolean): Promise<void>;
  has(kind: string, id: string): boolean;
  close(): Promise<void>;
}

/** Finds, checks and runs them, and follows their folders. None of them can keep the node from starting. */
export async function openExternalPlugins(
  deps: ExternalPluginsDeps,
  first: ExternalSettings,
): Promise<ExternalPlugins> {
  const { isBuiltIn, states, log } = deps;
  let settings = first;
  const slots = new Map<string, Slot>();
  const registries = { notifier: createRegistry("notifier"), scanner: createRegistry("scanner") };
  let problems: FolderProblem[] = [];
  let work = Promise.resolve();
  let isClosed = false;
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const done = work.then(() => (isClosed ? undefined : act()));
    work = done.catch((error: unknown) => log.error({ error }, "looking after plugins failed"));
    return done;
  };
  const slotOf = (kind: PluginKind, id: string): Slot => {
    const slot = slots.get(`${kind}/${id}`) ?? createSlot(kind, id);
    slots.set(`${kind}/${id}`, slot);
    return slot;
  };
  const keeper = createKeeper({ ...deps, registries, inTurn, settings: () => settings });
  const look = async () => {
    const found = await findPlugins(settings.folders, isBuiltIn);
    if (isClosed) return;
    for (const { kind, id } of states.list()) if (!isBuiltIn(kind, id)) slotOf(kind, id);
    for (const plugin of found.plugins) slotOf(plugin.kind, plugin.id);
    const isKnown = (kind: string, id: string) => isBuiltIn(kind, id) || slots.has(`${kind}/${id}`);
    const news = [...found.problems, ...strayProblems(settings, isKnown)];
    for (const problem of news) {
      if (!problems.some((one) => one.reason === problem.reason)) log.error({ ...problem }, problem.reason);
    }
    problems = news;
    const here = new Map(found.plugins.map((plugin) => [`${plugin.kind}/${plugin.id}`, plugin]));
    await Promise.all([...slots].map(([key, slot]) => keeper.adopt(slot, here.get(key))));
    watcher.follow(settings.folders);
  };
  const watcher = watchFolders(() => void inTurn(look).catch(() => undefined)); // logged by `inTurn`
  await inTurn(look);
  return {
    registry: (kind) => registries[kind] as Registry<PluginKinds[typeof kind]>, // made per kind above
    schemasOf(kind, id) {
      const slot = slots.get(`${kind}/${id}`);
      const target = slot?.running?.version.target ?? states.get(kind, id)?.target ?? undefined;
      return slot && { config: slot.running?.version.config, target };
    },
    list: () => [...[...slots.values()].map(toReport), ...folderReports(problems)],
    use: (next) =>
      inTurn(() => {
        settings = next;
        return look();
      }),
    has: (kind, id) => slots.has(`${kind}/${id}`),
    apply: (kind, id, isRetry) =>
      inTurn(async () => {
        const slot = slots.get(`${kind}/${id}`);
        if (slot && isRetry) slot.refused = undefined;
        if (slot && !slot.found && states.get(kind, id)?.isEnabled === false) {
          slots.delete(`${kind}/${id}`); // gone and not wanted: forgotten
          await states.remove(kind, id);
        }
        await look();
      }),
    async close() {
      isClosed = true;
      await watcher.close();
      await work;
      await Promise.all([...slots.values()].map((slot) => slot.running?.version.retire()));
    },
  };
}
