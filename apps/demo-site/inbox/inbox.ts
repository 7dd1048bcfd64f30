/** One message that arrived. All of it is foreign text. */
export interface InboxItem {
  id: number;
  kind: "email" | "webhook";
  at: string;
  /** Who it is to (e-mail) or the path it was posted to. */
  to: string;
  subject: string;
  /** X-Detectviz-Delivery. */
  delivery: string | null;
  text: string;
}

export interface Inbox {
  add(item: Omit<InboxItem, "id" | "at">): void;
  /** Newest first. */
  list(): readonly InboxItem[];
}

const keptItems = 200;

/** Holds the newest 200 messages. */
export function createInbox(now: () => number): Inbox {
  let items: InboxItem[] = [];
  let count = 0;
  return {
    add(item) {
      items = [{ id: ++count, at: new Date(now()).toISOString(), ...item }, ...items].slice(0, keptItems);
    },
    list: () => items,
  };
}

/** What a webhook's body says in one line: `FIRING PDU over-current · r1-a01-pl (critical)`. */
export function subjectOf(body: unknown): string {
  const { alerts = [] } = (body ?? {}) as { alerts?: { status?: string; labels?: Record<string, string> }[] };
  const lines = alerts.map(({ status = "", labels = {} }) => {
    const where = labels["name"] ?? labels["device"];
    return `${status.toUpperCase()} ${labels["alertname"] ?? ""}${where ? ` · ${where}` : ""} (${labels["severity"] ?? ""})`;
  });
  return lines.join(" → ") || "not an Alertmanager payload";
}
