import { type ClientRequest, request } from "node:http";

/** One event as `/api/v1/events` sends it. */
export interface TailedEvent {
  id: string;
  type: string;
  key: string;
  data: { level?: string; labels?: Record<string, string>; value?: number | null };
}

/** An id before all: what is kept comes first. */
const beforeAll = "00000000-0000-7000-8000-000000000000";

/** A reader of the event stream that comes again with the last id after each death of the node. */
export interface EventTail {
  readonly events: readonly TailedEvent[];
  connect(socketPath: string): void;
  close(): void;
}

export function createEventTail(): EventTail {
  const events: TailedEvent[] = [];
  let open: ClientRequest | undefined;
  const close = () => {
    open?.destroy();
    open = undefined;
  };
  return {
    events,
    close,
    connect(socketPath) {
      close();
      const last = events.at(-1)?.id;
      const headers = { "last-event-id": last ?? beforeAll };
      let rest = "";
      open = request({ socketPath, path: "/api/v1/events", headers }, (response) => {
        response.setEncoding("utf8").on("error", () => undefined);
        response.on("data", (text: string) => {
          const blocks = (rest + text).split("\n\n");
          rest = blocks.pop() ?? "";
          for (const block of blocks) {
            const data = /^data: (.*)$/m.exec(block)?.[1];
            if (data !== undefined) events.push(JSON.parse(data) as TailedEvent);
          }
        });
      });
      open.on("error", () => undefined).end();
    },
  };
}
