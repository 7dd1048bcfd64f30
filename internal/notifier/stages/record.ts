import type { Batch, StageContext } from "../stage.ts";

/** Stores what came of the attempt, with its event. A node that is ending leaves the message as it was: queued. */
export async function record(batch: Batch, { store, ending }: StageContext): Promise<Batch> {
  const done = batch.deliveries.filter((delivery) => !(ending.aborted && delivery.state === "queued"));
  await store.update(done);
  return batch;
}
