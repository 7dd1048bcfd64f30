import type { TSchema } from "typebox";
import type { PluginHttp, PluginKind, PluginKinds } from "#pkg/contracts/plugin.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { createRegistry, type Registry } from "#pkg/registry/registry.ts";
import type { PluginReport } from "../contract.ts";
import type { PluginState, PluginStates } from "../states.ts";
import { type FolderProblem, type FoundPlugin, findPlugins } from "./find.ts";
import { folderReports, strayProblems } from "./folder-reports.ts";
import type { ThreadLimits } from "./plugin-thread.ts";
import { createSlot, type Slot, toReason, toReport } from "./slot.ts";
import { openVersion, type RunningVersion } from "./version.ts";
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
    const found = findPlugins(settings.folders, isBuiltIn);
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

interface KeeperDeps extends ExternalPluginsDeps {
  registries: { [K in PluginKind]: Registry<unknown> };
  inTurn(act: () => Promise<void>): Promise<void>;
  settings(): ExternalSettings;
}

/** Brings one plugin to where its folder, its settings and people want it. */
function createKeeper(deps: KeeperDeps) {
  const { states, registries, log, inTurn, scrub } = deps;

  const withdraw = (slot: Slot) => {
    const version = slot.running?.version;
    slot.running = undefined;
    registries[slot.kind].remove(slot.id);
    void version?.retire().catch((error: unknown) => log.warn({ error }, "a plugin did not end well"));
  };
  const remember = (slot: Slot, change: Partial<PluginState>) => {
    const { kind, id } = slot;
    const known = states.get(kind, id) ?? { kind, id, isEnabled: true, version: null, target: null, fault: null };
    return states.save({ ...known, ...change }, "node");
  };
  const onFault = (slot: Slot, failed: RunningVersion | undefined, detail: string) => {
    if (failed === undefined || slot.running?.version !== failed) return; // being opened, or retired already
    withdraw(slot);
    const reason = toReason(slot, scrub(detail));
    slot.refused = { reason, of: failed.found.fingerprint };
    log.error({ plugin: `${slot.kind}/${slot.id}`, folder: failed.found.folder }, reason);
    void inTurn(() => remember(slot, { fault: { reason, of: failed.found.fingerprint } })).catch(() => undefined);
  };
  const take = async (slot: Slot, found: FoundPlugin, of: string) => {
    const { limits, of: settingsOf, locate } = deps.settings();
    const { kind, id } = found;
    let opened: RunningVersion | undefined;
    let early: string | undefined;
    opened = await openVersion(found, {
      limits,
      settings: settingsOf(kind, id),
      locate: (path) => `${locate(["plugins", kind, id, ...path])} [plugins.${kind}.${id}] ${path.join(".")}`.trim(),
      http: deps.http,
      log: log.child({ plugin: `${kind}/${id}` }),
      onFault(reason) {
        early = reason;
        onFault(slot, opened, reason);
      },
    });
    if (early !== undefined) throw new AppError("unprocessable", { message: early });
    const before = slot.running?.version;
    slot.running = { version: opened, of };
    slot.refused = undefined;
    registries[kind].replace(id, opened.product);
    void before?.retire().catch((error: unknown) => log.warn({ error }, "a plugin did not end well"));
    log.info({ plugin: `${kind}/${id}`, version: found.version, before: before?.found.version }, "plugin enabled");
    await remember(slot, { version: found.version, target: opened.target, fault: null });
  };
  return {
    async adopt(slot: Slot, found: FoundPlugin | undefined): Promise<void> {
      const state = states.get(slot.kind, slot.id);
      slot.found = found;
      slot.isDisabled = state?.isEnabled === false;
      if (slot.isDisabled) return withdraw(slot);
      if (!found) {
        withdraw(slot);
        slot.refused = { reason: toReason(slot, "its folder is gone"), of: "" };
        return;
      }
      const { limits, of: settingsOf } = deps.settings();
      const of = JSON.stringify([found.fingerprint, settingsOf(slot.kind, slot.id) ?? null, limits]);
      if (slot.running?.of === of || slot.refused?.of === of || slot.refused?.of === found.fingerprint) return;
      if (!slot.running && state?.fault?.of === found.fingerprint) {
        slot.refused = { reason: state.fault.reason, of: found.fingerprint };
        return;
      }
      try {
        await take(slot, found, of);
      } catch (error) {
        const reason = scrub(toReason(slot, error));
        slot.refused = { reason, of };
        log.error({ plugin: `${slot.kind}/${slot.id}`, folder: found.folder }, reason);
      }
    },
  };
}
