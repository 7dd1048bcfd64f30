import { expect } from "vitest";
import type { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { soon } from "#test/fixtures/until.ts";

/** One alert of a webhook body. */
export interface HookAlert {
  status: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL: string;
  fingerprint: string;
}

/** What a webhook heard, in order: one entry an alert, with the delivery it came by. */
export function heard({ requests }: Pick<Awaited<ReturnType<typeof openHttpCatch>>, "requests">) {
  return requests.flatMap(({ body, headers }) => {
    const alerts = (JSON.parse(body) as { alerts: HookAlert[] }).alerts;
    return alerts.map((alert) => ({ ...alert, delivery: String(headers["x-detectviz-delivery"]) }));
  });
}

/** As `heard`, with repetitions of one delivery left out. */
export function heardOnce(hook: Parameters<typeof heard>[0]) {
  const seen = new Set<string>();
  return heard(hook).filter(({ delivery, status, fingerprint, labels }) => {
    const key = [delivery, status, fingerprint, labels["severity"]].join(" ");
    return !seen.has(key) && seen.add(key);
  });
}

/** The states that a webhook was told of a device, in order. */
export function toldOf(hook: Parameters<typeof heard>[0], device: string): string[] {
  return heardOnce(hook)
    .filter(({ labels }) => labels["device"] === device)
    .map(({ status }) => status);
}

/** Waits until it was told these, and nothing else. */
export function untilTold(hook: Parameters<typeof heard>[0], device: string, ...statuses: string[]): Promise<void> {
  return soon(() => expect({ device, told: toldOf(hook, device) }).toEqual({ device, told: statuses }), 30_000);
}
