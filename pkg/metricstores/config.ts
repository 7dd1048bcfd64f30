import { type Static, Type } from "typebox";
import { sizePattern } from "#pkg/config/size.ts";

const text = (description: string) => Type.String({ description, default: "" });

/** `[[storage.metrics.stores]]`: a server outside that gets every sample too. */
export const remoteStoreConfig = Type.Object(
  {
    name: Type.String({
      description: "Name of the store, in health, metrics and log; its place in the queue is kept by it.",
      pattern: "^[a-z0-9][a-z0-9_-]{0,39}$",
    }),
    type: Type.Union(
      [
        Type.Literal("influxdb_v1"),
        Type.Literal("influxdb_v2"),
        Type.Literal("influxdb_v3"),
        Type.Literal("victoriametrics"),
        Type.Literal("prometheus"),
        Type.Literal("mimir"),
      ],
      { description: "What kind of server it is." },
    ),
    url: Type.String({
      description:
        "Where it is, for example http://10.0.0.5:8428; a path in front of the API may follow, a log-in may not.",
      pattern: "^https?://[^\\s?#@]+$",
    }),
    database: text("influxdb_v1 and influxdb_v3: the database; it must be there."),
    bucket: text("influxdb_v2: the bucket; it must be there."),
    org: text("influxdb_v2: the organization."),
    tenant: text("mimir: the tenant, sent as X-Scope-OrgID."),
    username: text("Log-in by name and password; empty: none."),
    password: text("Its password, for example secret://influx-password."),
    token: text("Log-in by a token instead."),
    queue_max: Type.String({
      description:
        "Most bytes of the sample log that are kept for this store while it is away; beyond, its oldest are given up.",
      default: "10GB",
      pattern: sizePattern,
    }),
    timeout: Type.String({
      description: "A request that takes longer is given up and tried again.",
      default: "30s",
      pattern: "^\\d+(ms|s|m)$",
    }),
    tls: Type.Optional(
      Type.Object(
        {
          ca: text("PEM file with the certificates that the server's is checked by; empty: the machine's."),
          cert: text("PEM file with our own certificate, where the server asks for one."),
          key: text("PEM file with its private key."),
        },
        { additionalProperties: false, description: "For https with certificates of your own." },
      ),
    ),
  },
  { additionalProperties: false },
);

export type RemoteStoreConfig = Static<typeof remoteStoreConfig>;

/** The list of them. */
export const remoteStoresConfig = Type.Array(remoteStoreConfig, {
  description: "Servers outside that get every sample too; one write goes to all of them.",
  default: [],
});
