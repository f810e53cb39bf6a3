/**
 * What a generator yields between its results where it may take long: others can work now, and whoever runs it may end it.
 * Never within a write transaction.
 */
export const PAUSE: unique symbol = Symbol("pause");
export type Pause = typeof PAUSE;

/** For a caller that runs to its end at once. */
export function* withoutPauses<T>(items: Iterable<T | Pause>): Generator<T, void, undefined> {
  for (const item of items) {
    if (item !== PAUSE) {
      yield item;
    }
  }
}
