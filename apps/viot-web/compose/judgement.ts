import { createAlerts } from "#internal/alert/alerts.ts";
import { createSilences } from "#internal/alert/silences.ts";
import { createContacts } from "#internal/contacts/contacts.ts";
import { openNotifier } from "#internal/notifier/notifier.ts";
import { createRules } from "#internal/rule/rules.ts";
import { aroundNotifiers } from "#pkg/telemetry/around/notifier.ts";
import { timed } from "#pkg/telemetry/around/timed.ts";
import { storeRecords } from "../config/live.ts";
import { toNodeUrl } from "../http/listen.ts";
import { withSecretTargets } from "../secrets/in-targets.ts";
import type { Ground } from "./ground.ts";
import type { Samples } from "./samples.ts";

/** Rules over samples, alerts over judgements, and who is told. */
export type Judgement = Awaited<ReturnType<typeof openJudgement>>;

/** Opens rules, alerts, silences, contacts and the notifier. */
export async function openJudgement(ground: Ground, { store, ingest }: Pick<Samples, "store" | "ingest">) {
  const { teardown, clock, standstill, log, telemetry, sql, audit, secrets, scrubber, live, outbox, bus, plugins } =
    ground;
  const alerts = createAlerts({ sql, outbox, clock, audit });
  const silences = createSilences({ sql, outbox, clock, audit });
  const judging = createRules({
    ...{ sql, outbox, clock, log, audit, store, sink: alerts.apply },
    stoodStillMs: standstill.lastedMs,
  });
  const rules = teardown.add("rules", judging, (it) => it.close());
  const targetOf = plugins.targetOf;
  const contacts = createContacts({ sql, clock, audit, targetOf });
  const judgingTime = telemetry.histogram({
    name: "detectviz_rule_batch_duration_seconds",
    help: "One batch of samples against all rules.",
    bounds: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  });
  ingest.onBatch(timed(rules.judge, judgingTime));
  await rules.start();
  await storeRecords(live.now(), undefined, { contacts, rules });
  const url = () => toNodeUrl(live.now().config.value.http);
  const aroundNotifier = aroundNotifiers(telemetry, log);
  const opening = openNotifier({
    ...{ sql, outbox, bus, clock, log, contacts, silences },
    guard: bus.guard,
    plugin(type) {
      const plugin = plugins.get("notifier", type);
      return plugin && withSecretTargets(aroundNotifier(type, plugin), secrets, scrubber);
    },
    inSpan: telemetry.inSpan,
    externalUrl: url,
    alertUrl: (id) => `${url()}/record-status?alert=${id}`,
    config: () => live.now().config.value.notifier,
  });
  const notifier = teardown.add("notifier", await opening, (it) => it.close());
  return { alerts, silences, rules, contacts, targetOf, notifier };
}
