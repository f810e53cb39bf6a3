import { setImmediate as nextTurn } from "node:timers/promises";
import type { RemovalsRefusedError } from "../documents/guard-removals.js";

/** The pages of a step, one after the other. */
export interface StepPages<Page> {
  /**
   * The next page: the one that was read ahead, if one was. undefined after the last.
   *
   * @throws what the step throws
   */
  next(): Promise<Page | undefined>;
  /**
   * Reads the next page while this one is stored. What the step throws meanwhile is thrown where the page is taken.
   *
   * @param onPage called when there is one
   */
  readAhead(onPage: (page: Page) => void): void;
  /** Throws the refusal of a listing into the step, at the `yield` of its page. As `next` otherwise. */
  refuse(refusal: RemovalsRefusedError): Promise<Page | undefined>;
  /** Ends the step where it is. A page that was read ahead is dropped, and so is what the step throws instead of one. */
  end(): Promise<void>;
}

/** @param take makes something of what a step yields; what it throws ends the step */
export function readPages<Extracted, Page>(
  extracted: AsyncIterable<Extracted>,
  take: (page: Extracted) => Page,
): StepPages<Page> {
  const pages = extracted[Symbol.asyncIterator]();
  let ahead: Promise<Page | undefined> | undefined;

  async function taken(next: Promise<IteratorResult<Extracted>>): Promise<Page | undefined> {
    const result = await next;
    return result.done === true ? undefined : take(result.value);
  }

  return {
    async next() {
      const read = ahead ?? taken(pages.next());
      ahead = undefined;
      return read;
    },
    readAhead(onPage) {
      // What stores the page goes first, so that the database works while the step does.
      ahead = nextTurn().then(() => taken(pages.next()));
      ahead.then((page) => page && onPage(page)).catch(() => undefined);
    },
    async refuse(refusal) {
      if (pages.throw === undefined) {
        throw refusal;
      }
      return taken(pages.throw(refusal));
    },
    async end() {
      await ahead?.catch(() => undefined);
      await pages.return?.();
    },
  };
}
