/** Row of `plugin_states` (migration 0030). */
export interface PluginStateRow {
  kind: string;
  id: string;
  /** 1 when a person wants it, which is so until he says otherwise. */
  enabled: 0 | 1;
  version: string | null;
  /** JSON schema of a notifier's channel settings, so that contacts can be checked while it is off. */
  target: string | null;
  /** What it did that switched it off. */
  fault: string | null;
  /** Fingerprint of the version that did so: another one is tried again. */
  fault_of: string | null;
  /** UTC ms. */
  changed_at: number;
  changed_by: string;
}

export interface PluginTables {
  plugin_states: PluginStateRow;
}
