import type { Page } from "./page.js";
import type { IgnorableParameter } from "./taxii-behavior.js";
import { TaxiiError } from "./taxii-error.js";

/**
 * Pages as the public ATT&CK server counts them: `next` is a page number, and only counts together with the
 * `limit` that is sent with it. A parameter that is no number counts as absent, and without `limit` everything
 * comes at once. The page right behind a list that `limit` divides evenly is empty; pages past that are 404.
 */
export function numberPages<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  ignored: ReadonlySet<IgnorableParameter>,
): Page<Item> {
  const limit = ignored.has("limit") ? undefined : readNumber(query, "limit");
  if (limit === undefined) {
    return { items };
  }
  const number = (ignored.has("next") ? undefined : readNumber(query, "next")) ?? 0;
  const start = limit * number;
  if (start > items.length) {
    throw new TaxiiError({
      status: 404,
      title: "Invalid URL Query Parameters",
      description: `There is no page ${number} of ${limit} entries.`,
    });
  }
  const more = start + limit < items.length;
  return {
    items: items.slice(start, start + limit),
    more,
    ...(more && { next: String(number + 1) }),
  };
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") {
    return undefined;
  }
  const number = Math.floor(Number(text.replaceAll(/['"]/g, "")));
  return Number.isNaN(number) ? undefined : Math.max(0, number);
}
