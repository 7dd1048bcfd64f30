import { join } from "node:path";
import { parseSize } from "#pkg/config/size.ts";
import { openSources } from "../data/sources.ts";
import { createLocalSocket } from "../http/local-socket.ts";
import { openDocuments } from "../http/pages/documents.ts";
import { keepRecentEvents } from "../http/pages/recent-events.ts";
import { toSiteFacts } from "../http/pages/site-facts.ts";
import { registerRoutes } from "../http/routes.ts";
import { createServer } from "../http/server.ts";
import { writeBackup } from "../storage/backup.ts";
import { version } from "../version.ts";
import type { Watch, Watched } from "./watch.ts";

const root = join(import.meta.dirname, "../../..");

/** Opens the door for people and programs, last: what answers is whole. */
export async function openDoors(
  { ground, samples, collection, judgement, motion, reloader, door }: Watched,
  watch: Watch,
) {
  const { dataFolder, teardown, sql, config, live, bus, auth } = ground;
  const app = teardown.add("routes", createServer(), (it) => it.close());
  const socket = createLocalSocket(dataFolder);
  const recentEvents = await keepRecentEvents(bus, 200);
  const site = () => toSiteFacts(live.now().config);
  const { health } = watch;
  const { value, file, locate } = config;
  const lists = { ...ground, ...collection, ...judgement, configFile: file, locate };
  await registerRoutes(app, {
    dataSources: await openSources(value.data, lists),
    ...{ ...ground, ...samples, ...collection, ...judgement, ...motion, ...watch, reloader, socket, version, root },
    ingestConfig: () => live.now().config.value.ingest,
    maxBodyBytes: () => parseSize(live.now().config.value.ingest.max_body),
    writeBackup: (folder) => writeBackup(folder, dataFolder, { sql, store: samples.store }),
    services: {
      ...ground,
      documents: openDocuments(root),
      ...samples,
      ...collection,
      ...judgement,
      ...motion,
      tokens: auth,
      health,
      recentEvents,
      site,
    },
  });
  await teardown.add("http", door, (it) => it.close()).open(app, config.value.http);
  await socket.open(app);
  teardown.add("socket", socket, (it) => it.close());
}
