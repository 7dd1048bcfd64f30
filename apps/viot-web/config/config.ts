import { dirname, join } from "node:path";
import { type Static, type TObject, Type } from "typebox";
import { scanConfig } from "#internal/autodeploy/config.ts";
import { contactsConfig, routesConfig } from "#internal/contacts/config.ts";
import { telegrafConfig } from "#internal/fleet/config.ts";
import { ingestConfig } from "#internal/ingest/config.ts";
import { inventoryConfig } from "#internal/inventory/config.ts";
import { notifierConfig } from "#internal/notifier/config.ts";
import { pluginsConfig } from "#internal/plugins/config.ts";
import { authConfig } from "#pkg/auth/config.ts";
import { cacheConfig } from "#pkg/cache/config.ts";
import { durationPattern } from "#pkg/config/duration.ts";
import { type LoadedConfig, loadConfig } from "#pkg/config/load.ts";
import { dataConfig } from "#pkg/datasource/config.ts";
import { readEnv } from "#pkg/env/env.ts";
import { busConfig } from "#pkg/eventbus/config.ts";
import { remoteStoresConfig } from "#pkg/metricstores/config.ts";
import { sqlConfig } from "#pkg/sql/config.ts";
import { telemetryConfig } from "#pkg/telemetry/config.ts";
import { refuseEarlyReferences } from "./early-references.ts";

const strict = { additionalProperties: false, default: {} };

/** A section that may be left out. */
function section<T extends TObject>(schema: T): T {
  return { ...schema, default: {} };
}

const node = Type.Object(
  {
    name: Type.String({
      description:
        "Name of this node and of the site on screen. At the next start: leases and events under way carry it.",
      default: "detectviz",
      restart: true,
    }),
    time_zone: Type.String({
      description: "IANA time zone of the site, for example Asia/Taipei; empty: the machine's.",
      default: "",
    }),
  },
  strict,
);

const http = Type.Object(
  {
    listen: Type.String({
      description: "HOST:PORT of pages and API. 0.0.0.0 listens on every address.",
      default: "127.0.0.1:8680",
      pattern: "^(\\[[0-9a-fA-F:]+\\]|[^:\\[\\]]+):\\d{1,5}$",
    }),
    tls: Type.Optional(
      Type.Object(
        {
          cert: Type.String({ description: "PEM file with the certificate chain." }),
          key: Type.String({ description: "PEM file with the private key." }),
        },
        { additionalProperties: false, description: "HTTPS instead of HTTP." },
      ),
    ),
  },
  strict,
);

const metrics = Type.Object(
  {
    retention: Type.String({
      description: 'How long samples are kept, in whole days of UTC; older ones are refused. "none" keeps all.',
      default: "400d",
      pattern: `^none$|${durationPattern}`,
    }),
    rollup_retention: Type.String({
      description:
        'How long roll-ups (5 min and 1 h: min, max, sum, count, last) are kept, in whole days of UTC. "none" keeps all.',
      default: "none",
      pattern: `^none$|${durationPattern}`,
    }),
    retentions: Type.Record(Type.String(), Type.String({ pattern: durationPattern }), {
      description: 'Shorter retentions of single measurements by their name, for example pdu = "30d".',
      default: {},
    }),
    series_limit: Type.Integer({
      description: "Most series the store takes; a tag whose value changes all the time would fill it.",
      default: 1_000_000,
      minimum: 1000,
    }),
    seal_after: Type.String({
      description: "The longest that samples stay in memory and log only, before they move into the day files.",
      default: "30m",
      pattern: durationPattern,
    }),
    stores: remoteStoresConfig,
    history: Type.String({
      description: "Name of the store that is asked for what is older than the retention; empty: none.",
      default: "",
    }),
  },
  { ...strict, description: "The embedded time-series store, and those outside that get every sample too." },
);
const storage = Type.Object({ metrics, sql: section(sqlConfig) }, strict);

const demo = Type.Object(
  {
    enabled: Type.Boolean({
      description: "Run the demo site: simulated devices on loopback and an inbox page.",
      default: false,
    }),
    http: Type.String({ description: "HOST:PORT of the demo's inbox page.", default: "127.0.0.1:8681" }),
    smtp: Type.String({
      description: "HOST:PORT of the demo's mail server.",
      default: "127.0.0.1:8625",
    }),
  },
  strict,
);

/** Everything that `detectviz.conf` may say. `restart: true` marks keys that a running node cannot take over. */
export const nodeConfig = Type.Object(
  {
    node,
    http,
    storage,
    telemetry: telemetryConfig,
    demo,
    bus: section(busConfig),
    cache: section(cacheConfig),
    data: section(dataConfig),
    auth: section(authConfig),
    inventory: section(inventoryConfig),
    scan: section(scanConfig),
    telegraf: section(telegrafConfig),
    ingest: section(ingestConfig),
    notifier: section(notifierConfig),
    rules: Type.Array(Type.Unknown(), {
      description: "Rules, as in rules.d/*.toml.",
      default: [],
      withoutSecrets: "a rule holds no secrets",
    }),
    contacts: contactsConfig,
    routes: routesConfig,
    plugins: section(pluginsConfig),
  },
  { additionalProperties: false },
);

export type NodeConfig = Static<typeof nodeConfig>;

/** The configuration with what lies beside it. */
export interface ReadConfig extends LoadedConfig<NodeConfig> {
  /** Folder of rule files. */
  rulesFolder: string;
  /** As people wrote it: `secret://name` in the place of what is secret. */
  written: NodeConfig;
}

/** Reads and checks the configuration; `listen` from the command line wins. Throws `AppError("config")`. */
export function readNodeConfig(file: string, environment: NodeJS.ProcessEnv, listen?: string): ReadConfig {
  const override = listen === undefined ? {} : { DETECTVIZ__HTTP__LISTEN: JSON.stringify(listen) };
  const env = readEnv({ ...environment, ...override }, join(dirname(file), ".env"));
  const loaded = loadConfig(nodeConfig, file, env);
  refuseEarlyReferences(nodeConfig, loaded);
  return { ...loaded, written: loaded.value, rulesFolder: join(dirname(file), "rules.d") };
}
