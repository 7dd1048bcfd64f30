import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** A data key: what texts are sealed with. `id` (8 hex digits) stands in clear in what it sealed. */
export interface DataKey {
  id: string;
  bytes: Buffer;
}

const nonceBytes = 12;
const tagBytes = 16;

/** A new key of 32 random bytes. */
export function createDataKey(): DataKey {
  return { id: randomBytes(4).toString("hex"), bytes: randomBytes(32) };
}

/**
 * AES-256-GCM, as base64url of nonce, tag and ciphertext. `place` is authenticated. The nonce is a keyed digest of
 * place and text instead of a random one: it can then repeat only for the very same text at the very same place.
 */
export function encrypt(key: Buffer, text: string | Buffer, place: string): string {
  const nonce = createHmac("sha256", derive(key, "nonce")).update(`${place.length}:${place}`).update(text).digest();
  const cipher = createCipheriv("aes-256-gcm", derive(key, "encrypt"), nonce.subarray(0, nonceBytes));
  cipher.setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([nonce.subarray(0, nonceBytes), cipher.getAuthTag(), body]).toString("base64url");
}

/** Throws when key, place or a single bit is another. */
export function decrypt(key: Buffer, sealed: string, place: string): Buffer {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", derive(key, "encrypt"), bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
}

/** One key for each use, so that no two uses can weaken each other. */
function derive(key: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", `detectviz ${use}`, 32));
}
