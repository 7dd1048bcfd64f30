import type { SnmpResponse } from "./message.ts";
import type { Oid } from "./oid.ts";

/** What is still worth asking after a refusal: all but the varbind at fault, or two halves when none was named. */
export function withoutFaulty(oids: readonly Oid[], answer: SnmpResponse | null): Oid[][] {
  if (oids.length <= 1) return [];
  const faulty = answer && answer.errorStatus !== 1 ? answer.errorIndex : 0;
  if (faulty >= 1 && faulty <= oids.length) return [oids.filter((_, i) => i !== faulty - 1)];
  const middle = Math.ceil(oids.length / 2);
  return [oids.slice(0, middle), oids.slice(middle)];
}
