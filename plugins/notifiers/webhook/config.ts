import { Type } from "typebox";

/** `[plugins.notifier.webhook]`: holds for every webhook. */
export const config = Type.Object(
  {
    headers: Type.Record(Type.String(), Type.String(), {
      description: "headers that go out with every request, for example of a proxy in between",
      default: {},
    }),
  },
  { additionalProperties: false, default: {} },
);

/** Settings of one contact's channel. */
export const target = Type.Object(
  {
    url: Type.String({
      description: "address that gets the POST",
      pattern: "^https?://",
      maxLength: 2000,
      examples: ["https://hooks.example.org/detectviz"],
    }),
    bearer: Type.Optional(
      Type.String({ description: "sent as Authorization: Bearer", minLength: 1, maxLength: 4000, secret: true }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: "^[A-Za-z0-9-]+$" }), Type.String({ pattern: "^[\\x20-\\x7e]*$" }), {
        description: "further headers of this address",
      }),
    ),
  },
  { additionalProperties: false },
);
