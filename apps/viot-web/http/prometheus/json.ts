/** As Go prints floats: `+Inf`, `-0`, and exponents of two digits at least. */
export function toText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  // Hot: others have no exponent.
  if (Math.abs(value) >= 1e-6 && Math.abs(value) < 1e21) return text;
  return text.includes("e") ? text.replace(/e([+-])(\d)$/, "e$10$2") : text;
}
