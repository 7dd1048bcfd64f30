/** Time as the product sees it; tests hand in one they move by hand. */
export interface Clock {
  /** UTC milliseconds. May jump, as the machine's clock does. */
  now(): number;
  /** Calls back once after `delayMs`; the returned function takes it back. Never keeps the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}
