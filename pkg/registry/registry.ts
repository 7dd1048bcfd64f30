/** A typed table of named things. Registering a name twice is an error; registering returns its own undo. */
export interface Registry<T> {
  register(name: string, item: T): () => void;
  get(name: string): T | undefined;
  snapshot(): ReadonlyMap<string, T>;
  /** Called after every change. Returns the undo. */
  onChange(listener: () => void): () => void;
}

export function createRegistry<T>(what: string): Registry<T> {
  const items = new Map<string, T>();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return {
    register(name, item) {
      if (items.has(name)) throw new Error(`${what} "${name}" is registered already`);
      items.set(name, item);
      changed();
      return () => {
        if (items.get(name) === item && items.delete(name)) changed();
      };
    },
    get: (name) => items.get(name),
    snapshot: () => new Map(items),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
