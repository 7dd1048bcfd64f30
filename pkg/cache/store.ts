/** What an adapter keeps of one name space: JSON texts by key. None of these throws; what cannot be reached is missing. */
export interface SpaceStore {
  /**
   * Texts in the order of the keys, undefined where there is none. `epoch` stands for the time of reading and changes
   * with each `forget`, `forgetAll` and plain `write`; null when it cannot be told, and nothing may be kept by it.
   */
  read(keys: readonly string[]): Promise<{ texts: readonly (string | undefined)[]; epoch: string | null }>;
  /** Plain, or only when the epoch is still this one. */
  write(texts: ReadonlyMap<string, string>, ttlMs: number, epoch?: string | null): Promise<void>;
  forget(keys: readonly string[]): Promise<void>;
  forgetAll(): Promise<void>;
}
