import { type AlertEvent, channelOf, type Delivery, suppress, type Told } from "../delivery.ts";
import { toNotifiedAlert } from "../message.ts";
import { type Batch, changeQueued, type StageContext } from "../stage.ts";

/** Compares with what each address was told last: nobody hears the same twice, or of an end without its beginning. */
export async function dedupe(batch: Batch, context: StageContext): Promise<Batch> {
  const { event } = batch;
  if (!event) return batch;
  const told = new Map((await context.store.told(event.data.alertId)).map((one) => [channelOf(one), one]));
  const url = context.alertUrl(event.data.alertId);
  return changeQueued(batch, (delivery) => {
    const last = told.get(channelOf(delivery));
    return delivery.status === "firing" ? beginning(event, delivery, last, url) : end(event, delivery, last, url);
  });
}

function beginning(event: AlertEvent, delivery: Delivery, last: Told | undefined, url: string): Delivery {
  const firing = toNotifiedAlert(event, "firing", delivery.level, url);
  if (last?.status !== "firing") return { ...delivery, alerts: [firing] };
  if (last.level === delivery.level) return suppress(delivery, `was told already: firing, ${last.level}`);
  // A change of level is one message: the old label set ends as the new one begins.
  return { ...delivery, alerts: [toNotifiedAlert(event, "resolved", last.level, url), firing] };
}

function end(event: AlertEvent, delivery: Delivery, last: Told | undefined, url: string): Delivery {
  if (last?.status === "resolved") return suppress(delivery, "was told already: resolved");
  if (last === undefined) return suppress(delivery, "firing was never told");
  return { ...delivery, level: last.level, alerts: [toNotifiedAlert(event, "resolved", last.level, url)] };
}
