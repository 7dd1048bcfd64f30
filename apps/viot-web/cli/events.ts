import { request } from "node:http";
import { AppError } from "#pkg/errors/errors.ts";
import { socketFile } from "../http/local-socket.ts";
import { callNode } from "./node-client.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";

interface Group {
  name: string;
  lag: number;
  expired: number;
  dead_letters: number;
  subscribed: boolean;
}

interface Letter {
  group: string;
  event: { id: string; type: string; key: string };
  error: string;
  attempts: number;
  at: string;
  resent_at: string | null;
}

/** `detectviz events groups`: each group with its lag. */
export async function listGroups(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const { items } = (await ask(options, "GET", "/groups")) as { items: Group[] };
    const lines = items.map(
      (one) =>
        `${one.name}  ${one.lag} waiting, ${one.dead_letters} dead letters, ${one.expired} too old${one.subscribed ? "" : "  (nobody is subscribed)"}`,
    );
    print(options.json, { items }, lines.join("\n") || "no groups");
  });
}

/** `detectviz events dead-letters [--group NAME]`. */
export async function listDeadLetters(options: CommonOptions & { group?: string }): Promise<void> {
  await runCommand(options.json, async () => {
    const query = options.group === undefined ? "" : `?group=${encodeURIComponent(options.group)}`;
    const { items } = (await ask(options, "GET", `/dead-letters${query}`)) as { items: Letter[] };
    const lines = items.map(
      ({ group, event, error, attempts, at, resent_at }) =>
        `${group}  ${event.id}  ${event.type} ${JSON.stringify(event.key)}  ${attempts} attempts, last ${at}: ${JSON.stringify(error)}${resent_at === null ? "" : `  (sent again ${resent_at})`}`,
    );
    print(options.json, { items }, lines.join("\n") || "no dead letters");
  });
}

/** `detectviz events resend GROUP ID`. */
export async function resendEvent(group: string, id: string, options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const letter = await ask(options, "POST", `${toPath(group, id)}/resend`);
    print(options.json, letter, `${id}: on its way to ${group} again`);
  });
}

/** `detectviz events drop GROUP ID`. */
export async function dropEvent(group: string, id: string, options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    await ask(options, "DELETE", toPath(group, id));
    print(options.json, { group, id }, `${id}: dropped`);
  });
}

/** `detectviz events replay GROUP --from-time TIME | --from-id ID`. */
export async function replayGroup(
  group: string,
  options: CommonOptions & { fromTime?: string; fromId?: string },
): Promise<void> {
  await runCommand(options.json, async () => {
    const body = { from_time: options.fromTime, from_id: options.fromId };
    const answer = await ask(options, "POST", `/groups/${encodeURIComponent(group)}/replay`, body);
    const { events } = answer as { events: number };
    print(options.json, answer, `${group}: ${events} events come again`);
  });
}

/** `detectviz events tail [--from-id ID]`: events as they happen, one a line, until it is stopped. */
export async function tailEvents(options: CommonOptions & { fromId?: string; types?: string }): Promise<void> {
  await runCommand(options.json, async () => {
    refuseNoId(options.fromId);
    const query = options.types === undefined ? "" : `?types=${encodeURIComponent(options.types)}`;
    const headers = options.fromId === undefined ? {} : { "last-event-id": options.fromId };
    const socketPath = socketFile(toPaths(options).dataFolder);
    await new Promise<void>((resolve, reject) => {
      const call = request({ socketPath, path: `/api/v1/events${query}`, headers }, (response) => {
        if (response.statusCode !== 200)
          return reject(new AppError("unavailable", { message: `the node answered ${response.statusCode}` }));
        const toEvents = createLineReader((data) => print(options.json, data, toLine(data)));
        response.setEncoding("utf8").on("data", toEvents).on("error", reject).on("end", resolve);
      });
      call.on("error", () => reject(noNode(options))).end();
    });
  });
}

/** The stream takes what is no id for none, as browsers need it. */
function refuseNoId(id: string | undefined): void {
  if (id === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return;
  throw new AppError("bad_request", {
    at: "--from-id",
    message: `"${id}" is no id of an event`,
    mend: "events tail shows them, last on each line",
  });
}

interface EventJson {
  id: string;
  at: string;
  type: string;
  key: string;
  data: unknown;
}

/** Gives the events of a stream that comes in pieces. */
function createLineReader(onEvent: (event: EventJson) => void): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    // The node's own stream: a line of data is one event as JSON.
    for (const line of lines) if (line.startsWith("data: ")) onEvent(JSON.parse(line.slice(6)) as EventJson);
  };
}

/** What devices say may hold signs that move a terminal; JSON holds none. */
function toLine({ id, at, type, key, data }: EventJson): string {
  return `${at}  ${type}  ${JSON.stringify(key)}  ${JSON.stringify(data)}  ${id}`;
}

function toPath(group: string, id: string): string {
  return `/dead-letters/${encodeURIComponent(group)}/${encodeURIComponent(id)}`;
}

async function ask(
  options: CommonOptions,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await callNode(toPaths(options).dataFolder, method, `/api/v1/events${path}`, body);
  if (!answer) throw noNode(options);
  return answer.body;
}

function noNode(options: CommonOptions): AppError {
  return new AppError("unavailable", {
    at: toPaths(options).dataFolder,
    message: "no node runs over this data folder",
    mend: "start it: events are moved by a running node",
  });
}
