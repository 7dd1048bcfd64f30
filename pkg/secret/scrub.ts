import { toSecretReference } from "./port.ts";

/** Keeps known secrets out of texts for people. */
export interface Scrubber {
  learn(name: string, value: string): void;
  /** The text with `secret://name` in place of every value, also where JSON has escaped it. */
  scrub(text: string): string;
}

/** Shorter values would be found inside ordinary words, and digits alone inside numbers. */
const shortest = 5;

/** Knows the values that passed through this process. */
export function createScrubber(): Scrubber {
  const references = new Map<string, string>();
  return {
    learn(name, value) {
      if (value.length < shortest || /^\d+$/.test(value)) return;
      references.set(value, toSecretReference(name));
      references.set(JSON.stringify(value).slice(1, -1), toSecretReference(name));
    },
    scrub(text) {
      let clean = text;
      for (const [value, reference] of references) {
        if (clean.includes(value)) clean = clean.replaceAll(value, () => reference);
      }
      return clean;
    },
  };
}
