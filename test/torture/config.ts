import type { SqlServer } from "./site.ts";

/** Delays in ms of sample time; the reference judges by the same numbers. */
export const overload = {
  warning: { threshold: 12, reset: 11, forMs: 200, keepFiringForMs: 0 },
  critical: { threshold: 16, reset: 14, forMs: 0, keepFiringForMs: 150 },
};
const never = { threshold: Number.POSITIVE_INFINITY, reset: Number.POSITIVE_INFINITY, forMs: 0, keepFiringForMs: 0 };
export const crowd = { warning: { threshold: 100, reset: 90, forMs: 0, keepFiringForMs: 0 }, critical: never };
/** Judges the value times -1: the rule asks for "below". */
export const down = { warning: { threshold: -1, reset: -1, forMs: 0, keepFiringForMs: 0 }, critical: never };

/** The configuration of the node that is tortured: three rules over what the writers send, one webhook. */
export function tortureConfig(hookUrl: string, server: SqlServer | undefined): string {
  return `[node]
name = "torture"

[ingest]
auth = "none"

[storage.metrics]
seal_after = "400ms"

${server ? sqlSection(server) : ""}
[notifier]
retry_first = "50ms"
retry_longest = "200ms"
attempt_timeout = "2s"

[[contacts]]
name = "Duty"
channels = [{ type = "webhook", url = "${hookUrl}" }]

[[rules]]
name = "Overload"
condition = "load_current"
comparison = ">"
no_data = "keep"
levels = { warning = { threshold = 12, reset = 11, for = "200ms" }, critical = { threshold = 16, reset = 14, keep_firing_for = "150ms" } }

[[rules]]
name = "Crowd"
condition = "load_count"
comparison = ">"
no_data = "keep"
levels = { warning = { threshold = 100, reset = 90 } }

[[rules]]
name = "Down"
condition = "load_ok"
comparison = "<"
no_data = "keep"
levels = { warning = { threshold = 1 } }
`;
}

function sqlSection({ host, port, user, password, database }: SqlServer): string {
  return `[storage.sql]
adapter = "mysql"
host = "${host}"
port = ${port}
user = "${user}"
password = "${password}"
database = "${database}"
`;
}
