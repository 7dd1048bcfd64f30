import type { NotifierPlugin, SendResult } from "#pkg/contracts/notifier.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Telemetry } from "../port.ts";

/** Wraps notifier plugins so that each attempt is a span and its duration is known by channel and outcome. */
export function aroundNotifiers(telemetry: Pick<Telemetry, "inSpan" | "histogram">, log: Logger) {
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
      const attempt = async () => {
        try {
          return await plugin.send(message, signal);
        } catch (error) {
          log.warn({ channel: type, notification: message.deliveryId, error }, "a notifier threw");
          throw error;
        }
      };
      try {
        const attributes = { "notification.id": message.deliveryId, "notification.channel": type };
        const result = await telemetry.inSpan(`send ${type}`, { kind: "client", attributes }, attempt);
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
