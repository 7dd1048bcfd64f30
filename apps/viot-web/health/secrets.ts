import type { PartHealth } from "#internal/healthcheck/contract.ts";
import type { SecretManager, SecretMetadata } from "#pkg/secret/port.ts";

const dayMs = 86_400_000;
const warnBeforeMs = 14 * dayMs;

/** "degraded" from 14 days before a secret expires. */
export async function readSecretsHealth(secrets: Pick<SecretManager, "list">, nowMs: number): Promise<PartHealth> {
  const all = await secrets.list();
  const due = all.filter(({ expiresAt }) => expiresAt !== null && expiresAt - nowMs < warnBeforeMs);
  if (due.length === 0) return { status: "ok", detail: `${all.length} secrets` };
  return { status: "degraded", detail: `set anew: ${due.map((one) => toExpiry(one, nowMs)).join(", ")}` };
}

function toExpiry({ name, expiresAt }: SecretMetadata, nowMs: number): string {
  const days = Math.ceil(((expiresAt ?? 0) - nowMs) / dayMs);
  return days > 0 ? `${name} expires in ${days} d` : `${name} expired ${-days} d ago`;
}
