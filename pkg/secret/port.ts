import type { Tx } from "#pkg/sql/port.ts";

/** What may be known of a secret without its value. Times are UTC ms. */
export interface SecretMetadata {
  name: string;
  /** Counts from 1; each `set` and `rotate` makes the next one. */
  version: number;
  createdAt: number;
  updatedAt: number;
  /** When somebody should have replaced it. It still answers afterwards: a plant does not stop over a date. */
  expiresAt: number | null;
}

/**
 * Secrets under names (`[a-z0-9._-]`, at most 100 characters), encrypted at rest with AES-256-GCM. A value leaves only
 * by `get` and `rotate`; no error, log line or audit entry of this port holds one. Every change is on disk when its
 * promise resolves. The ten newest versions of each are kept.
 */
export interface SecretManager {
  /** The newest value, or that of one version; undefined when there is none. */
  get(name: string, version?: number): Promise<string | undefined>;
  /** Makes a version. Throws `AppError("bad_request")` on a name or value that cannot be one (empty, over 32 KiB). */
  set(name: string, value: string, options: { expiresAt?: number | null; by: string }): Promise<SecretMetadata>;
  /** With all its versions; false when there is none. */
  delete(name: string, by: string): Promise<boolean>;
  /** By name. */
  list(): Promise<SecretMetadata[]>;
  metadata(name: string): Promise<SecretMetadata | undefined>;
  /** A version with 32 random bytes (base64url), which are returned this once. Throws `AppError("not_found")`. */
  rotate(name: string, by: string): Promise<{ metadata: SecretMetadata; value: string }>;
}

/**
 * Seals texts that other modules keep in tables or files of their own. The same text at the same place seals to the
 * same words, so that what did not change is not written again; elsewhere it looks different.
 */
export interface Vault {
  /** `place` is bound into the seal: sealed text that was moved elsewhere does not open. */
  seal(text: string, place: string): string;
  /** Throws `AppError("config")` when it was sealed elsewhere, with a key that is not here, or was changed. */
  open(sealed: string, place: string): string;
}

/** Seals anew, inside `tx`, whatever a module keeps sealed: opens with the old vault, seals with the next. */
export type Reseal = (tx: Tx, old: Pick<Vault, "open">, next: Pick<Vault, "seal">) => Promise<void>;

const prefix = "secret://";

/** Whether a configured value stands for a secret: `secret://name`. */
export function isSecretReference(value: unknown): value is string {
  return typeof value === "string" && value.startsWith(prefix);
}

/** The name in `secret://name`. */
export function toSecretName(reference: string): string {
  return reference.slice(prefix.length);
}

/** What stands for a secret. */
export function toSecretReference(name: string): string {
  return `${prefix}${name}`;
}

/** Whether a text is one that a vault sealed. */
export function isSealed(text: string): boolean {
  return /^sealed:[0-9a-f]{8}:[A-Za-z0-9_-]+$/.test(text);
}
