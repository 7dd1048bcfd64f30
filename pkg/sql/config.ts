import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

/** `[storage.sql]`: where records are kept. */
export const sqlConfig = Type.Object(
  {
    adapter: Type.Union([Type.Literal("sqlite"), Type.Literal("mysql")], {
      description: "sqlite: a file in the data folder. mysql: a database of a MariaDB (10.6+) or MySQL (8+) server.",
      default: "sqlite",
    }),
    host: Type.String({ description: "Of the server.", default: "127.0.0.1" }),
    port: Type.Integer({ description: "Of the server.", default: 3306, minimum: 1, maximum: 65_535 }),
    user: Type.String({ description: "Must have all rights in the database.", default: "detectviz" }),
    password: Type.String({
      description: "Better by the environment: DETECTVIZ__STORAGE__SQL__PASSWORD.",
      default: "",
      secret: true,
    }),
    database: Type.String({ description: "Must be there, and hold nothing else.", default: "detectviz", minLength: 1 }),
    tls: Type.Optional(
      Type.Object(
        {
          ca: Type.String({
            description: "PEM file of the authority that signed the server's certificate.",
            minLength: 1,
          }),
        },
        {
          additionalProperties: false,
          description: "Encrypts, and refuses a server whose certificate is not of this authority or of another host.",
        },
      ),
    ),
    pool_size: Type.Integer({ description: "Most connections of this node.", default: 10, minimum: 2, maximum: 500 }),
    connect_timeout: Type.String({
      description: "Until a connection must be open.",
      default: "5s",
      pattern: durationPattern,
    }),
    statement_timeout: Type.String({
      description: "Without a word from the server for so long, a statement fails.",
      default: "30s",
      pattern: durationPattern,
    }),
  },
  {
    additionalProperties: false,
    description: "Records.",
    restart: true,
    withoutSecrets: "this is read before the secrets can be opened",
  },
);

export type SqlConfig = Static<typeof sqlConfig>;
