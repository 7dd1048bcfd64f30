import { createFaults } from "./faults.ts";
import { parseFlags, usage } from "./flags.ts";
import { createInbox } from "./inbox/inbox.ts";
import { openMailSink } from "./inbox/mail-sink.ts";
import { openInboxServer } from "./inbox/server.ts";
import { createRandom } from "./signal.ts";
import { openSite } from "./site.ts";
import { placesOf } from "./stations.ts";

// Prints one line of JSON when everything answers, and ends with 0 when its standard input does.

async function start(argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv);
  const devices = placesOf(flags.hostBase);
  const faults = createFaults({
    possible: devices.flatMap(({ id, faults: names }) => names.map((fault) => ({ device: id, fault }))),
    now: Date.now,
    random: createRandom(flags.seed),
    automatic: true,
  });
  const inbox = createInbox(Date.now);
  const site = await openSite({ hostBase: flags.hostBase, seed: flags.seed, originMs: Date.now(), faults });
  const smtp = await openMailSink(flags.smtp, inbox);
  const http = await openInboxServer(flags.http, { inbox, faults, devices, now: Date.now });
  const stop = async () => {
    faults.close();
    await Promise.all([site.close(), smtp.close(), http.close()]);
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  if (!flags.stay) process.stdin.on("end", stop).on("error", stop).resume();
  const ready = {
    ready: true,
    http: `http://${flags.http.host}:${http.port}/`,
    smtp: `${flags.smtp.host}:${smtp.port}`,
  };
  process.stdout.write(`${JSON.stringify({ ...ready, devices: devices.length })}\n`);
}

if (process.argv.includes("--help")) {
  process.stdout.write(`${usage}\n`);
} else {
  start(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    process.exit(1);
  });
}
