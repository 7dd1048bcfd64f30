import type { SiteFacts } from "#web/services.ts";
import type { ReadConfig } from "../../config/config.ts";

/** What pages tell people of the configuration. */
export function toSiteFacts({ value, file }: ReadConfig): SiteFacts {
  return {
    name: value.node.name,
    timeZone: value.node.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone,
    scanAllow: value.scan.allow,
    scanRanges: value.scan.ranges.map(({ range, protocols, tags }) => ({ range, protocols, tags })),
    accept: value.scan.accept,
    configFile: file,
    demoInboxUrl: value.demo.enabled ? `http://${value.demo.http}/` : null,
    pluginFolders: value.plugins.folders,
    adapters: { bus: value.bus.adapter, cache: value.cache.adapter },
  };
}
