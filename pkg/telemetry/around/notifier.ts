import type { NotifierPlugin, SendResult } from "#pkg/contracts/notifier.ts";
import type { Telemetry } from "../port.ts";

/** Wraps notifier plugins so that each attempt is a span and its duration is known by channel and outcome. */
export function aroundNotifiers(telemetry: Pick<Telemetry, "inSpan" | "histogram">) {
  const duration = telemetry.histogram({
    name: "detectviz_notification_delivery_duration_seconds",
    help: "One attempt to deliver one message.",
    labels: ["channel", "outcome"],
  });
  return (type: string, plugin: NotifierPlugin): NotifierPlugin => ({
    target: plugin.target,
    async send(message, signal) {
      const startedAt = performance.now();
      const note = (outcome: string) =>
        duration.observe((performance.now() - startedAt) / 1000, { channel: type, outcome });
      try {
        const attributes = { "notification.id": message.deliveryId, "notification.channel": type };
        const send = () => plugin.send(message, signal);
        const result = await telemetry.inSpan(`send ${type}`, { kind: "client", attributes }, send);
        note(outcomeOf(result));
        return result;
      } catch (error) {
        note("threw");
        throw error;
      }
    },
  });
}

function outcomeOf(result: SendResult): string {
  if (result.delivered) return "delivered";
  return result.retryable ? "failed" : "refused";
}
