import type { TelegrafBinary, TelegrafUnit } from "#internal/fleet/contract.ts";
import type { PartReport } from "#internal/healthcheck/contract.ts";
import type { Role } from "#pkg/auth/port.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface TokenRow {
  id: string;
  name: string;
  role: Role;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

export interface SystemData {
  health: Part<{ status: PartReport["status"]; parts: readonly (PartReport & { name: string })[] }>;
  telegraf: Part<{ binary: TelegrafBinary; units: readonly TelegrafUnit[] }>;
  ingest: Part<{
    lines: number;
    values: number;
    rejected: number;
    queueShare: number;
    rate: number;
    lastArrivalMs: number | null;
  }>;
  /** Null for whom tokens are none of his business. */
  tokens: Part<readonly TokenRow[]> | null;
  mayRestart: boolean;
}

const worstFirst = { down: 0, degraded: 1, ok: 2 } as const;

/** Is every part well, and what do the Telegraf processes say? */
export async function systemData(request: PageRequest, services: PageServices): Promise<SystemData> {
  const [health, telegraf, ingest] = await Promise.all([
    part(async () => {
      const { status, parts } = await services.health.report();
      const list = Object.entries(parts).map(([name, report]) => ({ name, ...report }));
      return {
        status,
        parts: list.sort((a, b) => worstFirst[a.status] - worstFirst[b.status] || a.name.localeCompare(b.name)),
      };
    }),
    part(() => ({ binary: services.fleet.binary(), units: services.fleet.units() })),
    part(() => {
      const { queueBytes, queueLimitBytes, ...stats } = services.ingest.stats();
      return {
        ...stats,
        queueShare: queueLimitBytes === 0 ? 0 : queueBytes / queueLimitBytes,
        rate: services.metrics.rate(),
      };
    }),
  ]);
  const tokens = request.may("admin") ? await part(() => services.tokens.listTokens()) : null;
  return { health, telegraf, ingest, tokens, mayRestart: request.may("engineer") };
}
