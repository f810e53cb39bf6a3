/**
 * What a generator that may take long yields between its results: others can work now, and the caller may stop it. Never
 * within a write transaction.
 */
export const PAUSE: unique symbol = Symbol("pause");
export type Pause = typeof PAUSE;

export const DOCUMENTS_BETWEEN_PAUSES = 32;
const MS_BETWEEN_PAUSES = 5;

/** @returns a function to call after each document: whether to pause now, after some documents or some time */
export function pauseClock(): () => boolean {
  let documents = 0;
  let last = performance.now();
  return () => {
    documents++;
    const now = performance.now();
    const isDue = documents >= DOCUMENTS_BETWEEN_PAUSES || now - last > MS_BETWEEN_PAUSES;
    if (isDue) {
      documents = 0;
      last = now;
    }
    return isDue;
  };
}

/** Maps the items, and passes on the pauses. */
export function* mapItems<T, U>(
  items: Iterable<T | Pause>,
  map: (item: T) => U,
): Generator<U | Pause, void, undefined> {
  for (const item of items) {
    yield item === PAUSE ? PAUSE : map(item);
  }
}

/** Takes the items, and passes on the pauses. */
export function* takeItems<T>(
  items: Iterable<T | Pause>,
  take: (item: T) => void,
): Generator<Pause, void, undefined> {
  for (const item of items) {
    if (item === PAUSE) {
      yield PAUSE;
    } else {
      take(item);
    }
  }
}

/** For a caller that runs to its end at once. */
export function* withoutPauses<T>(items: Iterable<T | Pause>): Generator<T, void, undefined> {
  for (const item of items) {
    if (item !== PAUSE) {
      yield item;
    }
  }
}
