import { expect, it } from "vitest";
import type { RuleSpec } from "./contract.ts";
import { toDurationText } from "./duration-text.ts";
import { expandTemplate } from "./template.ts";
import { toRuleBody, toRuleSpec } from "./wire.ts";

it("reads back what it writes", () => {
  const spec: RuleSpec = {
    name: "A",
    condition: "pdu_current",
    comparison: ">",
    levels: { warning: { threshold: 12, reset: 11, forMs: 10_000 }, critical: { threshold: 16, keepFiringForMs: 0 } },
    forMs: 5_400_000,
    noData: "keep",
    noDataAfterMs: 61_001,
    intervalMs: 1000,
    tags: ["x"],
    enabled: false,
  };
  expect(toRuleSpec(toRuleBody(spec))).toEqual(spec);
  expect(toRuleBody(spec).for).toBe("1h30m");
  expect(toDurationText(0)).toBe("0s");
});

it("fills in what it knows and leaves the rest as it is written", () => {
  const text = "{{ $labels.room }}/{{$labels.none}}: {{ $value }} {{ $value | humanize }} {{ .Other }}";
  expect(expandTemplate(text, { room: "{{ $value }}" }, 13.123456789)).toBe(
    "{{ $value }}/: 13.1235 {{ $value | humanize }} {{ .Other }}",
  );
  expect(expandTemplate("{{ $value }}", {}, null)).toBe("–");
});
