import type { TaxiiPage } from "../taxii/taxii-page.js";

/** The same pages up to `max` items, and no request beyond; `max` absent: all of them. */
export async function* takeItems<Item>(
  pages: AsyncIterable<TaxiiPage<Item>>,
  max: number | undefined,
): AsyncGenerator<TaxiiPage<Item>, void, void> {
  let left = max ?? Number.POSITIVE_INFINITY;
  for await (const page of pages) {
    if (page.items.length < left) {
      left -= page.items.length;
      yield page;
    } else {
      yield { ...page, items: page.items.slice(0, left), next: undefined };
      return;
    }
  }
}
