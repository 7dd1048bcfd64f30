import type { TelegrafBinary, TelegrafUnit } from "#internal/fleet/contract.ts";
import type { PartReport } from "#internal/healthcheck/contract.ts";
import type { Role } from "#pkg/auth/port.ts";
import type { SecretMetadata } from "#pkg/secret/port.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices, SiteFacts } from "../../services.ts";

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
  /** The same of secrets. */
  secrets: Part<readonly SecretMetadata[]> | null;
  /** Null when the configuration cannot be asked. */
  adapters: SiteFacts["adapters"] | null;
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
  const [site, tokens, secrets] = await Promise.all([
    part(() => services.site()),
    request.may("admin") ? part(() => services.tokens.listTokens()) : null,
    request.may("admin") ? part(() => services.secrets.list()) : null,
  ]);
  const adapters = site.ok ? site.data.adapters : null;
  return { health, telegraf, ingest, tokens, secrets, adapters, mayRestart: request.may("engineer") };
}
