import { type Static, Type } from "typebox";

const strict = { additionalProperties: false };

/** One channel: the notifier's id, a minimum level, and the notifier's own settings beside them. */
export const channelSchema = Type.Object(
  {
    type: Type.String({ description: "id of the notifier: webhook, email …", minLength: 1, maxLength: 100 }),
    minimum_level: Type.Optional(
      Type.Union([Type.Literal("info"), Type.Literal("warning"), Type.Literal("critical")], {
        description: "this channel hears of this level and above",
      }),
    ),
  },
  { additionalProperties: true },
);

/** A contact as people write it, in the configuration and in REST. */
export const contactSchema = Type.Object(
  {
    name: Type.String({ description: "unique name; routes call the contact by it", minLength: 1, maxLength: 200 }),
    email: Type.Optional(
      Type.Union([Type.String({ maxLength: 320, pattern: "^[^\\s@<>,;]+@[^\\s@<>,;]+$" }), Type.Null()], {
        description: "e-mail address; an e-mail channel without an address of its own uses it",
      }),
    ),
    locale: Type.Union([Type.Literal("en"), Type.Literal("zh-TW")], {
      description: "language of the messages",
      default: "en",
    }),
    channels: Type.Array(channelSchema, { description: "how the contact is told", maxItems: 20, default: [] }),
    groups: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      description: "groups that the contact belongs to; routes may name them",
      maxItems: 100,
      default: [],
    }),
    active: Type.Boolean({ description: "an inactive contact is told nothing", default: true }),
  },
  strict,
);

/** A route as people write it. */
export const routeSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ description: "unique name; by default made of what it does", maxLength: 500 })),
    matchers: Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
      description: 'all must fit the alert, for example severity="critical"; none: every alert',
      maxItems: 50,
      default: [],
    }),
    contacts: Type.Array(Type.String(), { description: "names of contacts", maxItems: 200, default: [] }),
    groups: Type.Array(Type.String(), {
      description: "names of groups; with no contact and no group: everyone",
      maxItems: 200,
      default: [],
    }),
  },
  strict,
);

/** `[[contacts]]` */
export const contactsConfig = Type.Array(contactSchema, { description: "who is told", default: [] });
/** `[[routes]]` */
export const routesConfig = Type.Array(routeSchema, {
  description: "which alerts go to whom; an alert that fits none goes to everyone",
  default: [],
});

export type ContactEntry = Static<typeof contactSchema>;
export type RouteEntry = Static<typeof routeSchema>;
