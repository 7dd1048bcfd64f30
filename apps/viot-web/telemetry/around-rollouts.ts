import type { Rollouts } from "#internal/autodeploy/contract.ts";
import type { Tracer } from "#pkg/telemetry/port.ts";

/** Rollouts as pieces of the trace in which they were asked for. */
export function aroundRollouts<R extends Rollouts>(rollouts: R, { inSpan }: Pick<Tracer, "inSpan">): R {
  return {
    ...rollouts,
    reconcile: (by, reason, options) =>
      inSpan("rollout", { attributes: { by, reason } }, () => rollouts.reconcile(by, reason, options)),
    rollback: (id, by) => inSpan("rollback", { attributes: { by, id } }, () => rollouts.rollback(id, by)),
    restore: (unitId, hash, by) =>
      inSpan("restore", { attributes: { by, unitId, hash } }, () => rollouts.restore(unitId, hash, by)),
  };
}
