import type { Random } from "../fixtures/random.ts";
import type { Answer, Victim } from "./node.ts";

type Kind = (typeof kinds)[number];
const kinds = ["rules", "silences", "contacts"] as const;

/** What a change does to the books once it is known to have happened. */
interface Change {
  method: string;
  path: string;
  body?: unknown;
  happened(answer: Answer | undefined): void;
  /** Whether the node's records show that it happened. */
  shows(state: State): boolean;
}

/** What the node says it has. */
export interface State {
  rules: Map<string, string>;
  silences: Map<string, string>;
  contacts: Map<string, string>;
  /** Of all records, by name. */
  ids: Map<string, string>;
  acknowledged: Set<string>;
  /** Entries of the audit log by the last word of their target: a record's name, or the id of a silence or an alert. */
  audited: Map<string, number>;
}

/** Reads what the node has of what a `RecordWriter` makes. */
export async function readState(victim: Victim): Promise<State> {
  const list = async (path: string) => (await victim.api("GET", path)).body.items as Record<string, string>[];
  const state: State = {
    rules: new Map(),
    silences: new Map(),
    contacts: new Map(),
    ids: new Map(),
    acknowledged: new Set(),
    audited: await readAudited(victim),
  };
  const take = (kind: Kind, rows: readonly Record<string, string>[], text: (row: Record<string, string>) => string) => {
    for (const row of rows) {
      const name = kind === "silences" ? (row["reason"]?.split(": ")[0] ?? "") : (row["name"] ?? "");
      if (!name.startsWith(`${kind}-`)) continue;
      state[kind].set(name, text(row));
      state.ids.set(name, row["id"] ?? "");
    }
  };
  take("rules", await list("/api/v1/rules"), (row) => row["description"] ?? "");
  take("silences", await list("/api/v1/silences?scope=all"), (row) => row["reason"]?.split(": ")[1] ?? "");
  take("contacts", await list("/api/v1/contacts"), (row) => row["email"] ?? "");
  return state;
}

async function readAudited(victim: Victim): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let cursor = ""; ; ) {
    const page = (await victim.api("GET", `/api/v1/audit?limit=1000${cursor}`)).body;
    for (const { target } of page.items as { target: string }[]) {
      const last = target.split(" ").at(-1) ?? "";
      counts.set(last, (counts.get(last) ?? 0) + 1);
    }
    if (page.next === null) return counts;
    cursor = `&cursor=${page.next}`;
  }
}

function toBody(kind: Kind, name: string, text: string): unknown {
  if (kind === "rules") return { name, description: text, condition: `nothing_at_all > ${name.length}`, level: "info" };
  if (kind === "contacts") return { name, email: text, channels: [], groups: [], active: false };
  const until = new Date(Date.now() + 86_400_000).toISOString();
  return { matchers: [`device="nobody-${name}"`], until, reason: `${name}: ${text}` };
}

function difference(kind: Kind, told: ReadonlyMap<string, string>, has: ReadonlyMap<string, string>): string[] {
  const wrong: string[] = [];
  for (const [name, text] of told) {
    if (has.get(name) !== text)
      wrong.push(`${kind}: ${name} should say "${text}", says ${JSON.stringify(has.get(name))}`);
  }
  for (const name of has.keys()) if (!told.has(name)) wrong.push(`${kind}: ${name} is there, and should not be`);
  return wrong;
}

/** Someone who makes, changes and deletes records, acknowledges alerts, and keeps books of what was answered with 2xx. */
export interface RecordWriter {
  run(victim: Victim, isStopped: () => boolean): Promise<void>;
  /** Decides what became of the change that was under way when the node died. */
  settle(state: State): void;
  /** What is missing, wrong or too much. */
  compare(state: State): string[];
  readonly changes: number;
}

export function createRecordWriter(random: Random): RecordWriter {
  const books = {
    rules: new Map<string, string>(),
    silences: new Map<string, string>(),
    contacts: new Map<string, string>(),
  };
  const acknowledged = new Set<string>();
  const ids = new Map<string, string>();
  let [serial, changes] = [0, 0];
  let inDoubt: Change | undefined;
  const complaints: string[] = [];
  /** How often each record was changed, by name. */
  const changed = new Map<string, number>();
  const count = (name: string) => void changed.set(name, (changed.get(name) ?? 0) + 1);

  const make = (kind: Kind): Change => {
    const name = `${kind}-${++serial}`;
    const text = `made-${random.int(0, 1e6)}@example.org`;
    return {
      method: "POST",
      path: `/api/v1/${kind}`,
      body: toBody(kind, name, text),
      happened(answer) {
        books[kind].set(name, text);
        count(name);
        if (answer !== undefined) ids.set(name, answer.body.id);
      },
      shows: (state) => state[kind].has(name),
    };
  };
  const known = (kind: Kind) => [...books[kind].keys()].filter((name) => ids.has(name));
  const change = (kind: "rules" | "contacts"): Change => {
    const name = random.pick(known(kind));
    const path = `/api/v1/${kind}/${ids.get(name)}`;
    if (random.chance(0.3)) {
      return {
        method: "DELETE",
        path,
        happened() {
          books[kind].delete(name);
          count(name);
        },
        shows: (state) => !state[kind].has(name),
      };
    }
    const text = `changed-${random.int(0, 1e6)}@example.org`;
    return {
      method: "PUT",
      path,
      body: toBody(kind, name, text),
      happened() {
        books[kind].set(name, text);
        count(name);
      },
      shows: (state) => state[kind].get(name) === text,
    };
  };
  const acknowledge = async (victim: Victim): Promise<Change | undefined> => {
    const { items } = (await victim.api("GET", "/api/v1/alerts?scope=firing&limit=20")).body;
    if (items.length === 0) return undefined;
    const id = random.pick(items as { id: string }[]).id;
    return {
      method: "POST",
      path: `/api/v1/alerts/${id}/acknowledge`,
      body: { comment: "seen" },
      happened: () => void acknowledged.add(id),
      shows: (state) => state.acknowledged.has(id),
    };
  };
  const next = async (victim: Victim): Promise<Change | undefined> => {
    const dice = random.next();
    if (dice < 0.2) return acknowledge(victim);
    const kind = random.chance(0.5) ? "rules" : "contacts";
    if (dice < 0.6 && known(kind).length > 0) return change(kind);
    return make(random.pick(kinds));
  };
  const step = async (victim: Victim) => {
    const wish = await next(victim);
    if (wish === undefined) return;
    inDoubt = wish;
    const answer = await victim.api(wish.method, wish.path, wish.body);
    inDoubt = undefined;
    if (answer.status < 300) {
      wish.happened(answer);
      changes++;
    } else if (answer.status !== 503)
      complaints.push(`${wish.method} ${wish.path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  return {
    get changes() {
      return changes;
    },
    async run(victim, isStopped) {
      while (!isStopped()) {
        const isGone = await step(victim).then(
          () => false,
          () => true,
        );
        if (isGone) return;
        await new Promise((resolve) => setTimeout(resolve, random.int(1, 40)));
      }
    },
    settle(state) {
      if (inDoubt?.shows(state)) inDoubt.happened(undefined);
      inDoubt = undefined;
      ids.clear();
      for (const [name, id] of state.ids) ids.set(name, id);
    },
    compare(state) {
      const wrong = complaints.splice(0);
      for (const kind of kinds) wrong.push(...difference(kind, books[kind], state[kind]));
      for (const id of acknowledged)
        if (!state.acknowledged.has(id)) wrong.push(`the acknowledgement of alert ${id} is gone`);
      for (const [name, times] of changed) {
        const known = state.audited.get(name) ?? state.audited.get(state.ids.get(name) ?? "") ?? 0;
        if (known !== times)
          wrong.push(`the audit log has ${known} entries of ${name}, which was changed ${times} times`);
      }
      for (const id of acknowledged) {
        if (state.audited.get(id) !== 1)
          wrong.push(`the audit log has ${state.audited.get(id)} entries of alert ${id}`);
      }
      return wrong;
    },
  };
}
