/** Times are UTC ms. */
export interface FileTables {
  file_locks: { name: string; fence: number; holder: string; lease_until: number };
  /** Contents lie beside the files, under their hash. */
  file_versions: { name: string; hash: string; at: number; note: string | null };
}
