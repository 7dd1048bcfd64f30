/** Tables of migration 0010. Times are UTC ms. */
export interface RolloutTables {
  rollouts: {
    id: string;
    unit_id: string;
    state: string;
    /** The whole `Rollout` as JSON; the columns beside it are for looking up. */
    record: string;
    started_at: number;
    ended_at: number | null;
  };
  /** What was refused, until it is tried again: `device <key>` or `unit <id>`. */
  rollout_holds: {
    subject: string;
    /** What was refused of it; something else is tried at once. */
    mark: string;
    attempts: number;
    /** Null: not before something changes or a person asks. */
    until: number | null;
  };
}
