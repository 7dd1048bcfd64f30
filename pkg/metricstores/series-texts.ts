import type { SeriesInfo } from "#pkg/contracts/samples.ts";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";

/** Series whose texts are remembered; beyond, all is forgotten and learnt again. */
const most = 300_000;

/** Remembers by series id what `make` makes of a series, since a request names the same series as the last did. */
export function createSeriesTexts<T>(
  catalogue: Pick<SeriesCatalogue, "describe">,
  make: (info: SeriesInfo) => T,
  forget: () => void = () => {},
): (id: number) => T {
  const known = new Map<number, T>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    if (known.size >= most) {
      known.clear();
      forget();
    }
    const made = make(catalogue.describe(id));
    known.set(id, made);
    return made;
  };
}
