import { suppress } from "../delivery.ts";
import { coverReason } from "../silenced.ts";
import { type Batch, changeQueued, type StageContext } from "../stage.ts";

/** A covered alert is not told. Its end is, to those who heard of its beginning: `dedupe` knows who. */
export async function mute(batch: Batch, context: StageContext): Promise<Batch> {
  const { event } = batch;
  if (!event || event.type === "alert.closed" || event.data.covers.length === 0) return batch;
  const reason = await coverReason(event.data, context.silences);
  return changeQueued(batch, (delivery) => suppress(delivery, reason));
}
