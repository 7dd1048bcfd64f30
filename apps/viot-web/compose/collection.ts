import { join } from "node:path";
import { createRollouts } from "#internal/autodeploy/rollout/rollouts.ts";
import { readRolloutSettings } from "#internal/autodeploy/rollout/settings.ts";
import { openScans } from "#internal/autodeploy/scan/scans.ts";
import { createInventory } from "#internal/inventory/inventory.ts";
import { sealVersions } from "#pkg/secret/sealed-files.ts";
import { openProfiles } from "../config/profiles.ts";
import { toNodeUrl } from "../http/listen.ts";
import { withCachedCounts } from "../storage/cached-counts.ts";
import { readTelegrafToken } from "../telegraf/token.ts";
import { openTelegraf, toPlacesRead } from "../telegraf/units.ts";
import { aroundRollouts } from "../telemetry/around-rollouts.ts";
import type { Ground } from "./ground.ts";
import type { Samples } from "./samples.ts";

const checkout = join(import.meta.dirname, "../../..");
const splitParts = join(checkout, "conf/provisioning/templates/telegraf/split_parts.star");

/** What is there, and what Telegraf reads of it. */
export type Collection = Awaited<ReturnType<typeof openCollection>>;

/** Opens inventory, Telegraf units, scans and rollouts. */
export async function openCollection(ground: Ground, { metrics }: Pick<Samples, "metrics">) {
  const { teardown, clock, log, telemetry, sql, audit, vault, config, live, outbox, files, plugins } = ground;
  const settings = () => live.now().config.value;
  const { lastSeen } = metrics;
  const naming = {
    get pattern() {
      return settings().inventory.name_pattern;
    },
  };
  const stored = createInventory({ sql, outbox, clock, audit, vault, naming, lastSeen });
  const inventory = withCachedCounts(stored, ground.caches.shared);
  const profiles = teardown.add("profiles", await openProfiles({ configFile: config.file, log }), (it) => it.close());
  const fleet = teardown.add("fleet", await openUnits(ground), (it) => it.close());
  const scanning = telemetry.histogram({
    name: "detectviz_scan_duration_seconds",
    help: "Scans that came to their end, from the request on.",
    bounds: [1, 5, 15, 60, 300, 900, 3600, 14_400],
  });
  const opening = openScans({
    ...{ sql, clock, log, inventory },
    scanners: () => plugins.snapshot("scanner"),
    profiles: profiles.list,
    config: () => live.now().config.value.scan,
    locate: (path) => live.now().config.locate(["scan", ...path]),
    busy: () => toPlacesRead(fleet.units()),
    onDone: ({ startedAt, endedAt }) => scanning.observe(((endedAt ?? startedAt) - startedAt) / 1000),
    traced: (name, attributes, work) => telemetry.inSpan(name, { attributes }, work),
  });
  const scans = teardown.add("scans", await opening, (it) => it.close());
  const untraced = createRollouts({
    ...{ sql, outbox, clock, log, audit, inventory, fleet, lastSeen },
    versions: sealVersions(files.versions, vault),
    get settings() {
      return readRolloutSettings(settings().telegraf, splitParts);
    },
    probe: scans.probe,
  });
  const rollouts = aroundRollouts(untraced, telemetry);
  return { inventory, profiles, fleet, scans, rollouts };
}

/** The Telegraf units of this machine; they write to this node with a token of their own. */
async function openUnits({ live, dataFolder, auth, clock, log }: Ground) {
  const config = () => live.now().config.value.telegraf;
  const url = () => toNodeUrl(live.now().config.value.http);
  const token = await readTelegrafToken(auth, dataFolder);
  const cacheFolder = join(checkout, ".cache");
  return openTelegraf({ config, ingest: { url, token }, dataFolder, cacheFolder, clock, log });
}
