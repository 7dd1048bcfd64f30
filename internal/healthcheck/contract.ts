export type HealthStatus = "ok" | "degraded" | "down";

export interface PartHealth {
  status: HealthStatus;
  detail: string;
}

/** The state of one part with when it began. */
export interface PartReport extends PartHealth {
  since: number;
}

export interface Health {
  /** Starting a part registers it. `check` is quick and never throws. Returns the undo. */
  register(part: string, check: () => PartHealth | Promise<PartHealth>): () => void;
  /** down if any part is down, degraded if any is degraded. */
  report(): Promise<{ status: HealthStatus; parts: Record<string, PartReport> }>;
}
