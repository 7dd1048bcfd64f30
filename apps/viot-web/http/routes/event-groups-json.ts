import { Type } from "typebox";
import type { DeadLetter, GroupStatus } from "#pkg/eventbus/port.ts";
import { toEventJson } from "./event-json.ts";

const id = "019b7a3c-1111-7000-8000-000000000000";

/** A consumer group, as REST shows it. */
export const groupSchema = Type.Object(
  {
    name: Type.String(),
    types: Type.Array(Type.String(), { description: "Events that it takes." }),
    lag: Type.Integer({ description: "Events not handled yet." }),
    expired: Type.Integer({ description: "Events that were too old, since the node started." }),
    dead_letters: Type.Integer(),
    subscribed: Type.Boolean({ description: "Whether this node handles its events." }),
  },
  { description: "A consumer group.", examples: [exampleGroup()] },
);

/** An event that its group's handler would not take, as REST shows it. */
export const deadLetterSchema = Type.Object(
  {
    group: Type.String(),
    event: Type.Record(Type.String(), Type.Unknown(), { description: "As the stream of events tells it." }),
    error: Type.String({ description: "What its last attempt failed of." }),
    attempts: Type.Integer(),
    at: Type.String({ description: "Of the last attempt, RFC 3339, UTC." }),
    resent_at: Type.Union([Type.String(), Type.Null()], { description: "Since when it is on its way again." }),
  },
  { description: "A dead letter.", examples: [exampleLetter()] },
);

/** A list of groups. */
export const groupsSchema = Type.Object(
  { items: Type.Array(groupSchema), next: Type.Null() },
  { examples: [{ items: [exampleGroup()], next: null }] },
);

/** A list of dead letters. */
export const deadLettersSchema = Type.Object(
  { items: Type.Array(deadLetterSchema), next: Type.Null() },
  { examples: [{ items: [exampleLetter()], next: null }] },
);

/** Where a group goes back to. */
export const replaySchema = Type.Object(
  {
    from_time: Type.Optional(
      Type.String({
        description: "Events from this time on, RFC 3339.",
        format: "date-time",
        examples: ["2026-01-01T03:00:00Z"],
      }),
    ),
    from_id: Type.Optional(
      Type.String({ description: "This event and all after it.", pattern: "^[0-9a-f-]{36}$", examples: [id] }),
    ),
  },
  { additionalProperties: false, description: "One of the two.", examples: [{ from_time: "2026-01-01T03:00:00Z" }] },
);

/** What came of a replay. */
export const replayedSchema = Type.Object(
  { group: Type.String(), events: Type.Integer({ description: "Events that come again." }) },
  { examples: [{ group: "notifier", events: 12 }] },
);

/** As REST shows a group. */
export function toGroupJson({ deadLetters, types, ...rest }: GroupStatus) {
  return { ...rest, types: [...types], dead_letters: deadLetters };
}

/** As REST shows a dead letter. */
export function toLetterJson({ group, event, error, attempts, at, resentAt }: DeadLetter) {
  const times = {
    at: new Date(at).toISOString(),
    resent_at: resentAt === null ? null : new Date(resentAt).toISOString(),
  };
  return { group, event: toEventJson(event), error, attempts, ...times };
}

function exampleGroup() {
  const group = { name: "notifier", types: ["alert.opened", "alert.closed"] as const, lag: 0, expired: 0 };
  return toGroupJson({ ...group, deadLetters: 1, subscribed: true });
}

function exampleLetter() {
  const at = 1767225600000;
  const data = { ruleId: "r1", change: "updated" } as const;
  const event = { id, type: "rule.changed", at, node: "detectviz", key: "r1", traceparent: null, data } as const;
  return toLetterJson({ group: "notifier", event, error: "mail server says no", attempts: 8, at, resentAt: null });
}
