import type { Contacts } from "#internal/contacts/contract.ts";
import { checkContactsFromFiles } from "#internal/contacts/from-files.ts";
import type { Plugins } from "#internal/plugins/contract.ts";
import type { ExternalPlugins } from "#internal/plugins/external/external-plugins.ts";
import { createPluginHost } from "#internal/plugins/host.ts";
import { targetOf } from "#internal/plugins/plugin-set.ts";
import type { Rules } from "#internal/rule/contract.ts";
import type { PluginHttp } from "#pkg/contracts/plugin.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { plugins } from "#plugins/index.gen.ts";
import type { ReadConfig } from "./config.ts";
import { type FileRecords, parseRecords } from "./file-records.ts";
import { checkPluginSections } from "./plugins.ts";

/** What lives for one configuration. */
export interface Live {
  config: ReadConfig;
  plugins: Plugins;
  records: FileRecords;
}

/** Builds all that depends on the configuration. Throws `AppError("config")`; then nothing has changed. */
export function buildLive(
  config: ReadConfig,
  deps: { http: PluginHttp; log: Logger; external: ExternalPlugins },
): Live {
  const records = parseRecords(config);
  checkPluginSections(config, deps.external);
  const host = createPluginHost({
    plugins,
    config: (kind, id) => config.value.plugins[kind][id],
    locate: config.locate,
    http: deps.http,
    log: deps.log,
    now: Date.now,
  });
  checkContactsFromFiles(records.contacts, (type) => targetOf(type, host, deps.external));
  return { config, plugins: host, records };
}

/** Makes the records of the configuration those of the node; when the rules are refused, the contacts go back. */
export async function storeRecords(
  next: Live,
  before: Live | undefined,
  to: { contacts: Contacts; rules: Rules },
): Promise<void> {
  await to.contacts.setFromFiles(next.records.contacts, next.records.routes);
  try {
    await to.rules.setFromFiles(next.records.rules);
  } catch (error) {
    if (before) await to.contacts.setFromFiles(before.records.contacts, before.records.routes);
    throw error;
  }
}
