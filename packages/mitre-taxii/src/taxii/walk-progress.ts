import { createHash } from "node:crypto";
import type { TaxiiSettingNames } from "./taxii-connection.js";
import type { TaxiiError } from "./taxii-error.js";
import type { PageCursor } from "./taxii-page.js";

/** Servers that filter after they have cut pages send empty ones; none sends this many in a row. */
const mostIdlePages = 100;

export interface WalkBounds {
  readonly maxPages: number;
  readonly settingNames: TaxiiSettingNames;
  /** Makes the error of a walk that does not go on at this page. */
  fail(next: PageCursor, title: string, description: string): TaxiiError;
}

/** What a page says about how far a walk is. */
export interface WalkStep {
  /** What it was asked for with. */
  readonly cursor: PageCursor | undefined;
  readonly next: PageCursor | undefined;
  readonly entries: readonly unknown[];
  /** How often it was asked for. */
  readonly attempts: number;
}

/** Sees to it that a walk comes to an end. */
export function trackProgress({ maxPages, settingNames, fail }: WalkBounds) {
  const contents = new Set<string>();
  const walked = new Set<string>();
  let pages = 0;
  let idlePages = 0;
  let lastToken: string | undefined;
  let tokensChange = false;

  function assertNew({ entries }: WalkStep, next: PageCursor): void {
    const content = hashOfAll(entries);
    const step = `${content} ${JSON.stringify(next)}`;
    if (walked.has(step) && entries.length > 0) {
      const description = `it sent a page that was already read. If more objects share one date than fit on a page, set a larger ${settingNames.pageSize}`;
      throw fail(next, "the server's pages never end", description);
    }
    idlePages = entries.length === 0 || contents.has(content) ? idlePages + 1 : 0;
    walked.add(step);
    contents.add(content);
    if (idlePages >= mostIdlePages) {
      const description = `${idlePages} in a row had nothing new. If the server filters after it divides the list into pages, set a larger ${settingNames.pageSize}`;
      throw fail(next, "the server's pages never end", description);
    }
  }

  return {
    /** @throws TaxiiError where there is no point in asking for the next page */
    add(page: WalkStep): void {
      const { next, cursor } = page;
      pages += 1;
      tokensChange ||= lastToken !== undefined && next?.next !== undefined && next.next !== lastToken;
      lastToken = next?.next ?? cursor?.next;
      if (next === undefined) {
        return;
      }
      assertNew(page, next);
      if (pages >= maxPages) {
        throw fail(
          next,
          `after ${maxPages} pages the server still says that there are more`,
          `set ${settingNames.maxPages} to a higher number if that many are expected, or ${settingNames.pageSize} if the server can send larger pages`,
        );
      }
    },
    /** A page that was asked for again is passed over by a server whose token is not a position. */
    mayHaveSkipped: ({ attempts, cursor, next }: WalkStep): boolean =>
      attempts > 1 &&
      cursor?.next !== undefined &&
      (next?.next === cursor.next || (next === undefined && !tokensChange)),
  };
}

function hashOfAll(entries: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) {
    hash.update(JSON.stringify(entry)).update("\n");
  }
  return hash.digest("base64");
}
