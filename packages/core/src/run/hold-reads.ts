import type { StoreReader } from "../connector/connector.js";

/** What a step reads of the store while a page of it is stored. */
export interface HeldReads {
  readonly reader: StoreReader;
  /**
   * Reads wait until the page is stored, and so does the next document of a read that has begun.
   *
   * @param stored when it rejects, so do the reads that wait for it, until `release`
   */
  holdUntil(stored: Promise<unknown>): void;
  release(): void;
}

/** A step that reads after a `yield` finds what it yielded, though it runs ahead. */
export function holdReads(reader: StoreReader): HeldReads {
  let hold: Promise<unknown> | undefined;

  return {
    reader: {
      async *find(collection, filter, options) {
        await hold;
        const found = reader.find(collection, filter, options)[Symbol.asyncIterator]();
        try {
          for (let next = await found.next(); next.done !== true; next = await found.next()) {
            yield next.value;
            await hold;
          }
        } finally {
          await found.return?.();
        }
      },
      async count(collection, filter, options) {
        await hold;
        return reader.count(collection, filter, options);
      },
      async exists(collection, filter) {
        await hold;
        return reader.exists(collection, filter);
      },
    },
    holdUntil(stored) {
      hold = stored;
      // A step that reads nothing is not told.
      stored.catch(() => undefined);
    },
    release() {
      hold = undefined;
    },
  };
}
