import { randomFillSync } from "node:crypto";
import type { TraceContext } from "./port.ts";

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const sampledFlag = 1;

/** What a W3C `traceparent` says; undefined when it is none. Later versions are read as far as version 00 goes. */
export function parseTraceparent(text: string | null | undefined): TraceContext | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = form.exec(text ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & sampledFlag) !== 0 };
}

/** The context as the W3C header, version 00. */
export function toTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** Random ids; the entropy is drawn for many at once. */
export function createIds(): { trace(): string; span(): string } {
  const pool = Buffer.alloc(4096);
  let at = pool.length;
  const take = (bytes: number): string => {
    if (at + bytes > pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    at += bytes;
    const id = pool.toString("hex", at - bytes, at);
    return /[1-9a-f]/.test(id) ? id : take(bytes); // all zeros means "none"
  };
  return { trace: () => take(16), span: () => take(8) };
}

/** Decides by the id, so that every node decides alike: `share` of all ids, 0 to 1. */
export function isChosen(traceId: string, share: number): boolean {
  if (share <= 0) return false;
  return share >= 1 || Number.parseInt(traceId.slice(-8), 16) < share * 0x1_0000_0000;
}
