import { hash } from "node:crypto";

/** What an alert is known by: first 16 hex digits of SHA-256 over the sorted labels, `severity` left out. */
export function toFingerprint(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .filter((name) => name !== "severity")
    .sort()
    .map((name) => [name, labels[name]]);
  return hash("sha256", JSON.stringify(pairs)).slice(0, 16);
}
