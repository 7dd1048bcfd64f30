import type { ReadConfig } from "../config.ts";
import { storeRecords } from "../live.ts";
import { toExternalSettings } from "../plugins.ts";
import { openReloader } from "../reload.ts";
import type { Ground } from "./ground.ts";
import type { Judgement } from "./judgement.ts";
import type { Motion } from "./motion.ts";

/** Takes over a changed configuration in every part that can; the old one stays while the new one does not stand. */
export function openReloading(
  { teardown, sql, outbox, live, build, resolve, log, external, exporting }: Ground,
  { contacts, rules }: Pick<Judgement, "contacts" | "rules">,
  { scheduleRanges }: Pick<Motion, "scheduleRanges">,
  readConfig: () => ReadConfig,
) {
  const reloader = openReloader({
    current: live.now,
    readConfig: () => resolve(readConfig()),
    build,
    async swap(next, sections) {
      await storeRecords(next, live.now(), { contacts, rules });
      await live.replace(next);
      await external.use(toExternalSettings(next.config));
      await scheduleRanges(next.config.value, false);
      log.setLevel(next.config.value.telemetry.log_level);
      await exporting.apply(next.config.value.telemetry.otlp);
      const data = { sections: [...sections], by: "file" };
      await sql.transaction(async (tx) => outbox.add(tx, [{ type: "config.changed", key: "config", data }]));
    },
    log,
  });
  return teardown.add("reloader", reloader, (it) => it.close());
}
