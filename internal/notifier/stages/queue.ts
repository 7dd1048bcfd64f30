import { suppress } from "../delivery.ts";
import { type Batch, changeQueued, type StageContext } from "../stage.ts";

/** Puts every message on disk, in one transaction, and then sets them going. A full queue takes no more, and says so. */
export async function queue(batch: Batch, context: StageContext): Promise<Batch> {
  let room = context.queueLimit() - context.waiting();
  const reason = `${context.queueLimit()} messages wait already ([notifier] queue_limit)`;
  const bounded = changeQueued(batch, (delivery) => (room-- > 0 ? delivery : suppress(delivery, reason)));
  const queued = bounded.deliveries.filter((delivery) => delivery.state === "queued");
  const letGo = context.hold(queued.length);
  try {
    await context.store.insert(bounded.deliveries);
    context.send(queued);
  } finally {
    letGo();
  }
  return bounded;
}
