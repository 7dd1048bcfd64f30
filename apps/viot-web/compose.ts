import type { Teardown } from "#pkg/lifecycle/teardown.ts";
import type { Telemetry } from "#pkg/telemetry/port.ts";
import { openCollection } from "./compose/collection.ts";
import { openDoors } from "./compose/doors.ts";
import { openGround } from "./compose/ground.ts";
import { openJudgement } from "./compose/judgement.ts";
import { openMotion } from "./compose/motion.ts";
import { openReloading } from "./compose/reloading.ts";
import { openSamples } from "./compose/samples.ts";
import { openWatch } from "./compose/watch.ts";
import type { ReadConfig } from "./config/config.ts";
import { createDemo } from "./demo/demo.ts";
import { createDoor } from "./http/door.ts";
import { toNodeUrl } from "./http/listen.ts";
import { namesSecret } from "./secrets/in-config.ts";

export interface ComposeOptions {
  config: ReadConfig;
  /** Reads the configuration again, for hot reload. */
  readConfig(): ReadConfig;
  dataFolder: string;
  teardown: Teardown;
}

/** A node that runs. */
export interface Node {
  url: string;
  /** Set when the first administrator was made now and his password by us. */
  firstPassword: string | undefined;
  telemetry: Pick<Telemetry, "collect">;
}

/**
 * The whole product, wired from the ground up in the order of the loop. Each stage (`compose/`) uses what earlier ones
 * made and registers the end of what it opens on the line after it.
 */
export async function compose({ config, readConfig, dataFolder, teardown }: ComposeOptions): Promise<Node> {
  const onSecret = (name: string) => void (namesSecret(readConfig, name) && reloader.again());
  const ground = await openGround({ config, dataFolder, teardown, onSecret });
  const firstAdmin = await ground.auth.ensureFirstAdmin(process.env["DETECTVIZ_ADMIN_PASSWORD"]);
  const samples = await openSamples(ground);
  const collection = await openCollection(ground, samples);
  const judgement = await openJudgement(ground, samples);
  const motion = await openMotion(ground, samples, collection, judgement);
  const demo = ground.teardown.add("demo", createDemo(ground), (it) => it.close());
  await demo.use(ground.config.value.demo);
  const parts = { ground, samples, collection, judgement, motion, demo, door: createDoor(ground) };
  const reloader = openReloading(parts, readConfig);
  const watched = { ...parts, reloader };
  await openDoors(watched, openWatch(watched));
  const { telemetry, config: used } = ground;
  return { url: toNodeUrl(used.value.http), firstPassword: firstAdmin.password, telemetry };
}
