import { Type } from "typebox";

/** `[plugins.notifier.email]`: the mail server that takes our messages. */
export const config = Type.Object(
  {
    host: Type.String({ description: "name or address of the SMTP server; empty: e-mail is not set up", default: "" }),
    port: Type.Integer({ description: "port of the SMTP server", minimum: 1, maximum: 65_535, default: 25 }),
    secure: Type.Boolean({ description: "TLS from the first byte (port 465)", default: false }),
    starttls: Type.Union([Type.Literal("auto"), Type.Literal("always"), Type.Literal("never")], {
      description: "switch to TLS after the greeting: where it is offered, always, or never",
      default: "auto",
    }),
    user: Type.String({ description: "user name; empty: no log-in", default: "" }),
    password: Type.String({ description: "password of the user", default: "", secret: true }),
    from: Type.String({ description: "sender", default: "Detectviz <detectviz@localhost>" }),
  },
  { additionalProperties: false, default: {} },
);

/** Settings of one contact's channel. `contactField` names what stands in for a missing one. */
export const target = Type.Object(
  {
    address: Type.String({
      description: "who gets the message; when left out, the contact's e-mail address",
      pattern: "^[^\\s@<>,;]+@[^\\s@<>,;]+$",
      maxLength: 320,
      contactField: "email",
      examples: ["operator@example.org"],
    }),
  },
  { additionalProperties: false },
);
