import { taxiiContentType } from "@cti-connectors/taxii-server";
import type { AttackServer, ServedObject } from "./attack-server.js";
import { holdLargePage } from "./hold-large-page.js";
import { numberPages, type Page } from "./number-pages.js";

/** What a request for a page says. */
export interface ListingRequest {
  readonly server: AttackServer;
  readonly query: URLSearchParams;
  /** Aborts when the client no longer waits for the answer. */
  readonly hungUp: AbortSignal;
}

/** How a list is sent: under which key, and with which of its dates in the `X-TAXII-Date-Added-…` headers. */
export interface ListForm {
  readonly key: "objects" | "versions";
  readonly date: (object: ServedObject) => string;
  readonly toJson: (object: ServedObject) => Buffer;
}

/** Sends the page of the selected objects that the query asks for, as an envelope, a manifest or a list of versions. */
export async function answerAttackPage(
  { server, query, hungUp }: ListingRequest,
  selected: readonly ServedObject[],
  { key, date, toJson }: ListForm,
): Promise<Response> {
  const page = numberPages(selected, query);
  await holdLargePage(page.items.length, server, hungUp);

  const parts: Buffer[] = [Buffer.from(`{${position(page)}"${key}":[`)];
  for (const item of page.items) {
    parts.push(toJson(item), comma);
  }
  if (page.items.length > 0) {
    parts.pop();
  }
  parts.push(Buffer.from("]}"));
  const body = Buffer.concat(parts);
  return new Response(body, {
    headers: {
      "content-type": taxiiContentType,
      "content-length": String(body.length),
      ...dateAddedHeaders(page.items.map(date)),
    },
  });
}

const comma = Buffer.from(",");

function position({ more, next }: Page): string {
  return (
    (more === undefined ? "" : `"more":${more},`) +
    (next === undefined ? "" : `"next":${JSON.stringify(next)},`)
  );
}

/** @param dates in a form that sorts by time */
function dateAddedHeaders(dates: readonly string[]): Readonly<Record<string, string>> {
  const sorted = dates.toSorted();
  const [first, last] = [sorted[0], sorted.at(-1)];
  return first === undefined || last === undefined
    ? {}
    : { "x-taxii-date-added-first": first, "x-taxii-date-added-last": last };
}
