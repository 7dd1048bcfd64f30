import { hash } from "node:crypto";

/** What an alert is known by: first 16 hex digits of SHA-256 over the sorted labels, `severity` left out. */
export function toFingerprint(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .filter((name) => name !== "severity")
    .sort()
    .map((name) => [name, labels[name]]);
  // Not `.slice` of the hex text: that would keep the whole text alive for every alert that is known.
  return hash("sha256", JSON.stringify(pairs), "buffer").toString("hex", 0, 8);
}
