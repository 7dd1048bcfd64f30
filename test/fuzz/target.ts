import type { Random } from "../fixtures/random.ts";

/** Something that takes bytes from outside. */
export interface FuzzTarget {
  name: string;
  /** Inputs of one case. */
  inputsPerCase: number;
  /** One case, made from `random` alone; throws what is wrong. */
  run(random: Random): void;
}

/** What a target says when its inputs were read wrongly. */
export class WrongAnswer extends Error {}
