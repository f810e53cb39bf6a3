import { PAUSE, type Pause } from "./pause.js";

/**
 * The first documents in an order, found in two ways by turns: by sorting all that match, or by walking an index that has the order until
 * enough of them match. Among few, sorting ends first, and among very many, walking. It takes at most twice as long as the better way.
 *
 * @param sorted yields nothing but pauses before it has found all
 * @param walked yields in order
 * @param wanted how many of these are enough
 */
export function* firstToEnd<T>(
  sorted: Iterable<T | Pause>,
  walked: Iterable<T | Pause>,
  wanted: number,
): Generator<T | Pause, void, undefined> {
  const met: T[] = [];
  const walk = walked[Symbol.iterator]();
  let isSorted = false;
  for (const item of sorted) {
    yield item;
    isSorted ||= item !== PAUSE;
    for (let next = isSorted ? undefined : walk.next(); next && next.value !== PAUSE; next = walk.next()) {
      if (next.done !== true) {
        met.push(next.value);
      }
      if (next.done === true || met.length === wanted) {
        yield* met;
        return;
      }
    }
  }
}
