/** Times are UTC ms. */
export interface SecretTables {
  secrets: {
    name: string;
    version: number;
    created_at: number;
    updated_at: number;
    expires_at: number | null;
  };
  secret_versions: { name: string; version: number; sealed: string; created_at: number };
  /** Data keys, each encrypted with the master key; the newest seals, all open. */
  secret_keys: { id: string; seq: number; wrapped: string; created_at: number };
}
