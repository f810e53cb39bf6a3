import { PAUSE, type Pause } from "./pause.js";

/**
 * The first documents in an order, found in two ways by turns: by sorting all that match, or by walking an index that has the order until
 * enough of them match. Among few, sorting ends first, and among very many, walking. After the head start it takes at most twice as
 * long as the better way.
 *
 * @param sorted yields nothing but pauses before it has found all
 * @param walked yields in order
 * @param wanted how many of these are enough
 * @param headStart up to how many pauses the walk goes on alone, where it is expected to end first
 */
export function* firstToEnd<T>(
  sorted: Iterable<T | Pause>,
  walked: Iterable<T | Pause>,
  wanted: number,
  headStart = 0,
): Generator<T | Pause, void, undefined> {
  const met: T[] = [];
  const walk = walked[Symbol.iterator]();
  /** @returns whether it has ended, or met enough */
  const walkToPause = (): boolean => {
    for (let next = walk.next(); next.value !== PAUSE; next = walk.next()) {
      if (next.done !== true) {
        met.push(next.value);
      }
      if (next.done === true || met.length === wanted) {
        return true;
      }
    }
    return false;
  };
  for (let pauses = 0; pauses < headStart; pauses += 1) {
    if (walkToPause()) {
      yield* met;
      return;
    }
    yield PAUSE;
  }
  let isSorted = false;
  for (const item of sorted) {
    yield item;
    isSorted ||= item !== PAUSE;
    if (!isSorted && walkToPause()) {
      yield* met;
      return;
    }
  }
}
