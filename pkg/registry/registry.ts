/** A typed table of named things. Registering a name twice is an error; registering returns its own undo. */
export interface Registry<T> {
  register(name: string, item: T): () => void;
  /** Takes out what has this name, if anything has. */
  remove(name: string): void;
  get(name: string): T | undefined;
  /** Puts `item` in the place of what has this name, in one step; returns its undo. */
  replace(name: string, item: T): () => void;
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
  const put = (name: string, item: T) => {
    items.set(name, item);
    changed();
    return () => {
      if (items.get(name) === item && items.delete(name)) changed();
    };
  };
  return {
    register(name, item) {
      if (items.has(name)) throw new Error(`${what} "${name}" is registered already`);
      return put(name, item);
    },
    replace: put,
    remove(name) {
      if (items.delete(name)) changed();
    },
    get: (name) => items.get(name),
    snapshot: () => new Map(items),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
