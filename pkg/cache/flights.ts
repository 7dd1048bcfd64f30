/** Work under way by key, so that many askers wait for one. */
export interface Flights<T> {
  /** `isShared`: somebody else gets the same value. */
  share(key: string, work: () => Promise<T>): Promise<{ value: T; isShared: boolean }>;
  /** Whoever asks from now on starts anew; all keys when none is named. */
  part(keys?: readonly string[]): void;
}

interface Flight<T> {
  landing: Promise<T>;
  askers: number;
}

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();
  const start = (key: string, work: () => Promise<T>): Flight<T> => {
    const landing = work().finally(() => {
      if (flights.get(key) === flight) flights.delete(key);
    });
    const flight = { landing, askers: 0 };
    flights.set(key, flight);
    return flight;
  };
  return {
    async share(key, work) {
      const flight = flights.get(key) ?? start(key, work);
      flight.askers++;
      const value = await flight.landing;
      // Nobody comes on board after the landing.
      return { value, isShared: flight.askers > 1 };
    },
    part(keys) {
      if (keys === undefined) flights.clear();
      else for (const key of keys) flights.delete(key);
    },
  };
}
