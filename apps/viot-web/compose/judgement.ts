import { createAlerts } from "#internal/alert/alerts.ts";
import { createSilences } from "#internal/alert/silences.ts";
import { createContacts } from "#internal/contacts/contacts.ts";
import { openNotifier } from "#internal/notifier/notifier.ts";
import { createRules } from "#internal/rule/rules.ts";
import { toAddress, toLocalUrl } from "../http/listen.ts";
import { storeRecords } from "../live.ts";
import { withSecretTargets } from "../secret-targets.ts";
import type { Ground } from "./ground.ts";
import type { Samples } from "./samples.ts";

/** Rules over samples, alerts over judgements, and who is told. */
export type Judgement = Awaited<ReturnType<typeof openJudgement>>;

/** Opens rules, alerts, silences, contacts and the notifier. */
export async function openJudgement(ground: Ground, { store, ingest }: Pick<Samples, "store" | "ingest">) {
  const { teardown, clock, log, sql, audit, secrets, scrubber, config, live, outbox, bus } = ground;
  const alerts = createAlerts({ sql, outbox, clock, audit });
  const silences = createSilences({ sql, outbox, clock, audit });
  const judging = createRules({ sql, outbox, clock, log, audit, store, sink: alerts.apply });
  const rules = teardown.add("rules", judging, (it) => it.close());
  const targetOf = (type: string) => live.now().plugins.get("notifier", type)?.target;
  const contacts = createContacts({ sql, clock, audit, targetOf });
  ingest.onBatch(rules.judge);
  await rules.start();
  await storeRecords(live.now(), undefined, { contacts, rules });
  const { http, notifier: notifierConfig } = config.value;
  const url = toLocalUrl(toAddress(http.listen), http.tls !== undefined);
  const opening = openNotifier({
    ...{ sql, outbox, bus, clock, log, contacts, silences },
    plugin: (type) => withSecretTargets(live.now().plugins.get("notifier", type), secrets, scrubber),
    externalUrl: url,
    alertUrl: (id) => `${url}/record-status?alert=${id}`,
    config: notifierConfig,
  });
  const notifier = teardown.add("notifier", await opening, (it) => it.close());
  return { alerts, silences, rules, contacts, targetOf, notifier };
}
