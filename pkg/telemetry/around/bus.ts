import type { EventBus } from "#pkg/eventbus/port.ts";
import type { Telemetry } from "../port.ts";

/** The bus with a span for each handled event, child of what caused the event, and how long handlers take. */
export function aroundBus<B extends EventBus>(bus: B, telemetry: Pick<Telemetry, "inSpan" | "histogram">): B {
  const duration = telemetry.histogram({
    name: "detectviz_event_handler_duration_seconds",
    help: "One event in the handler of one group, also when it failed.",
    labels: ["group"],
  });
  return {
    ...bus,
    subscribe: (group, types, handler, options) => {
      const traced = async (event: Parameters<typeof handler>[0]) => {
        const startedAt = performance.now();
        const attributes = { "messaging.consumer.group.name": group, "messaging.message.id": event.id };
        try {
          const span = { kind: "consumer", parent: event.traceparent, attributes } as const;
          await telemetry.inSpan(`handle ${event.type}`, span, () => handler(event));
        } finally {
          duration.observe((performance.now() - startedAt) / 1000, { group });
        }
      };
      return bus.subscribe(group, types, traced, options);
    },
  };
}
