import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../fixtures/random.ts";
import { type AlertBook, createAlertBook } from "./check-alerts.ts";
import { tortureConfig } from "./config.ts";
import { createEventTail, type EventTail } from "./event-tail.ts";
import { createExpected, type Expected } from "./expected.ts";
import { createLane, type Lane } from "./lane.ts";
import { createVictim, type Victim } from "./node.ts";
import { openReceiver, type Receiver } from "./receiver.ts";
import { createRecordWriter, type RecordWriter } from "./records.ts";
import { createTold, type Told } from "./told.ts";

/** A database of its own on a server. */
export interface SqlServer {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** One data folder with everything around it: who writes, who listens, and the books of what they were told. */
export interface Site {
  folder: string;
  victim: Victim;
  receiver: Receiver;
  lanes: readonly Lane[];
  records: RecordWriter;
  told: Told;
  expected: Expected;
  alerts: AlertBook;
  events: EventTail;
  isOnServer: boolean;
  close(): Promise<void>;
}

const writers = 6;

export async function openSite(folder: string, random: Random, server?: SqlServer): Promise<Site> {
  mkdirSync(folder, { recursive: true });
  const receiver = await openReceiver(random.fork());
  const victim = await createVictim(join(folder, "site"), tortureConfig(receiver.url, server));
  const expected = createExpected();
  const events = createEventTail();
  return {
    folder,
    victim,
    receiver,
    lanes: Array.from({ length: writers }, (_, i) => createLane(`d${i}`, random.fork())),
    records: createRecordWriter(random.fork()),
    told: createTold(expected.judge),
    expected,
    alerts: createAlertBook(),
    events,
    isOnServer: server !== undefined,
    async close() {
      events.close();
      await victim.kill();
      await receiver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
