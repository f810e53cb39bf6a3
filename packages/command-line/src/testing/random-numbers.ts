/** The next number from 0 up to, and not including, 1. */
export type Random = () => number;

/**
 * The same numbers for the same seed and name: a linear congruential generator with the constants of Numerical Recipes.
 *
 * @param name tells apart what needs a sequence of its own
 */
export function createRandom(seed: number, name = ""): Random {
  let state = [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A whole number from `least` up to, and not including, `end`. */
export function between(random: Random, least: number, end: number): number {
  return least + Math.floor(random() * (end - least));
}
