import type { Clock } from "#pkg/clock/port.ts";

const windowS = 10;

/** Counts things in seconds of the clock and says how many a second there were over the last 10 s. */
export function createRate(clock: Clock): { add(count: number): void; perSecond(): number } {
  const counts = new Float64Array(windowS);
  let newestS = Math.floor(clock.now() / 1000);
  const forget = () => {
    const nowS = Math.floor(clock.now() / 1000);
    const passed = nowS - newestS;
    // A clock that jumps back starts the window anew.
    if (passed < 0 || passed >= windowS) counts.fill(0);
    else for (let second = newestS + 1; second <= nowS; second++) counts[second % windowS] = 0;
    newestS = nowS;
  };
  return {
    add(count) {
      forget();
      counts[newestS % windowS] = (counts[newestS % windowS] ?? 0) + count;
    },
    perSecond() {
      forget();
      return counts.reduce((total, count) => total + count, 0) / windowS;
    },
  };
}
