import { stages } from "./stage.ts";
import { dedupe } from "./stages/dedupe.ts";
import { mute } from "./stages/mute.ts";
import { queue } from "./stages/queue.ts";
import { record } from "./stages/record.ts";
import { retry } from "./stages/retry.ts";
import { route } from "./stages/route.ts";

/** From an event to stored messages: who, whether, what is new to them, and onto the disk. */
export const accept = stages(route, mute, dedupe, queue);

/** From a stored message to the world and back: one attempt, and what came of it. Repeated until it is at its end. */
export const deliver = stages(retry, record);
