/** Work under way by key, so that many askers wait for one. */
export interface Flights<T> {
  share(key: string, work: () => Promise<T>): Promise<T>;
  /** Whoever asks from now on starts anew; all keys when none is named. */
  part(keys?: readonly string[]): void;
}

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    share(key, work) {
      const known = flights.get(key);
      if (known) return known;
      const flight = work().finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
      flights.set(key, flight);
      return flight;
    },
    part(keys) {
      if (keys === undefined) flights.clear();
      else for (const key of keys) flights.delete(key);
    },
  };
}
