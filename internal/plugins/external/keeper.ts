import type { PluginKind } from "#pkg/contracts/plugin.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Registry } from "#pkg/registry/registry.ts";
import type { PluginState } from "../states.ts";
import type { ExternalPluginsDeps, ExternalSettings } from "./external-plugins.ts";
import type { FoundPlugin } from "./find.ts";
import { type Slot, toReason } from "./slot.ts";
import { openVersion, type RunningVersion } from "./version.ts";

export interface KeeperDeps extends ExternalPluginsDeps {
  registries: { [K in PluginKind]: Registry<unknown> };
  inTurn(act: () => Promise<void>): Promise<void>;
  settings(): ExternalSettings;
}

/** Brings one plugin to where its folder, its settings and people want it. */
export function createKeeper(deps: KeeperDeps) {
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
