/** Runs work one at a time in the order of asking: who waits holds no connection, and hooks of a commit run before the next begins. */
export function createQueue(): <R>(work: () => Promise<R>) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // its caller hears of it
    return mine;
  };
}
