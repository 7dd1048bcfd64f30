import type { ServerResponse } from "node:http";
import { Type } from "typebox";
import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { Server } from "../server.ts";
import { toServerSentEvent } from "./event-json.ts";

export interface EventRoutesDeps {
  bus: Pick<EventBus, "tail">;
  clock: Clock;
}

/** Streams at once. */
const mostStreams = 200;
/** Bytes that wait for a slow reader; beyond it the stream ends after them, and the reader comes again with its last id. */
const mostWaitingBytes = 1024 * 1024;
const heartbeatMs = 15_000;
/** After this long a reader whose stream ended comes again. */
const retryMs = 2_000;
const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `/events`: the event map as server-sent events, resumable by Last-Event-ID for as long as events are kept (a day). */
export function eventRoutes(app: Server, { bus, clock }: EventRoutesDeps): void {
  const streams = new Set<Stream>();
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.close();
  });
  app.get(
    "/api/v1/events",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Events as they happen (text/event-stream)",
        tags: ["events"],
        headers: Type.Object({
          "last-event-id": Type.Optional(
            Type.String({
              description: "id of the last event seen: what came after it is sent first",
              examples: ["01930000-0000-7000-8000-000000000001"],
            }),
          ),
        }),
        querystring: Type.Object({
          types: Type.Optional(
            Type.String({ description: "only these, separated by commas", examples: ["alert.opened,alert.closed"] }),
          ),
        }),
        response: { 200: Type.String({ description: "text/event-stream" }) },
      },
    },
    async (request, reply) => {
      if (streams.size >= mostStreams) {
        throw new AppError("too_many", {
          message: `${mostStreams} streams are open`,
          mend: "close some pages",
          retryAfterS: 10,
        });
      }
      const lastId = request.headers["last-event-id"];
      reply.hijack();
      const stream = openStream(reply.raw, {
        bus,
        clock,
        afterId: lastId !== undefined && isId.test(lastId) ? lastId : null,
        wants: toFilter(request.query.types),
        ended: () => streams.delete(stream),
      });
      streams.add(stream);
    },
  );
}

interface Stream {
  close(): void;
}

interface StreamOptions extends EventRoutesDeps {
  afterId: string | null;
  wants(event: DomainEvent): boolean;
  ended(): void;
}

/** Writes until the reader is gone, is too slow, or `close`. */
function openStream(response: ServerResponse, options: StreamOptions): Stream {
  const { bus, clock } = options;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  response.write(`retry: ${retryMs}\n\n`);
  let untail = () => {};
  let cancelTimer = () => {};
  const end = () => {
    untail();
    cancelTimer();
    response.end();
    cancelTimer = clock.after(heartbeatMs, () => response.destroy());
  };
  const write = (text: string) => {
    if (response.writableEnded) return;
    response.write(text);
    if (response.writableLength > mostWaitingBytes) end();
  };
  const beat = () => {
    cancelTimer = clock.after(heartbeatMs, () => {
      beat();
      write(": still here\n\n");
    });
  };
  beat();
  untail = bus.tail(options.afterId, (event) => {
    if (options.wants(event)) write(toServerSentEvent(event));
  });
  response.once("close", () => {
    cancelTimer();
    untail();
    options.ended();
  });
  return { close: end };
}

function toFilter(types: string | undefined): (event: DomainEvent) => boolean {
  if (types === undefined) return () => true;
  const wanted = new Set(types.split(","));
  return (event) => wanted.has(event.type);
}
