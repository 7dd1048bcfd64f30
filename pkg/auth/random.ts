import { createHash, randomBytes, randomInt } from "node:crypto";

/** 256 random bits, as text for cookies and headers. */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored of a secret with 256 random bits: no salt is needed, and the text cannot be found from it. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Without letters and digits that look like others. */
const readable = "abcdefghjkmnpqrstuvwxyz23456789";

/** A password that can be read from a terminal and typed: 20 characters in fives, 99 random bits. */
export function createReadablePassword(): string {
  const group = () => Array.from({ length: 5 }, () => readable[randomInt(readable.length)]).join("");
  return Array.from({ length: 4 }, group).join("-");
}
