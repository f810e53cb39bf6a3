import { TaxiiRefusal } from "@cti-connectors/taxii-server";
import type { ServedObject } from "./attack-server.js";

/** A part of a list, as TAXII hands it out (TAXII 2.1 §3.5). */
export interface Page {
  readonly items: readonly ServedObject[];
  /** Absent: the request did not ask for pages. */
  readonly more?: boolean;
  readonly next?: string;
}

/**
 * Pages as the public ATT&CK server counts them: `next` is a page number, and only counts together with the
 * `limit` that is sent with it. A parameter that is no number counts as absent, and without `limit` everything
 * comes at once. The page right behind a list that `limit` divides evenly is empty; pages past that are 404.
 *
 * @throws TaxiiRefusal 404
 */
export function numberPages(items: readonly ServedObject[], query: URLSearchParams): Page {
  const limit = readNumber(query, "limit");
  if (limit === undefined) {
    return { items };
  }
  const number = readNumber(query, "next") ?? 0;
  const start = limit * number;
  if (start > items.length) {
    throw new TaxiiRefusal({
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
