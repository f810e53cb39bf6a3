import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { delayAnswer } from "../http/delay-answer.js";
import { gatewayPage } from "../http/gateway-page.js";
import { fromMicroseconds, toMicroseconds } from "../stix/timestamp.js";
import { type Page, paginate } from "./pages.js";
import { notFound, taxiiContentType } from "./taxii-error.js";
import type { ListedObject, TaxiiServer } from "./taxii-server.js";

/** What a request for a page says. */
export interface ListingRequest {
  readonly server: TaxiiServer;
  readonly query: URLSearchParams;
  /** Aborts when the client no longer waits for the answer. */
  readonly hungUp: AbortSignal;
}

/**
 * Sends the page of the selected objects that the query asks for, as an envelope, a manifest or a list of versions, with its
 * `X-TAXII-Date-Added-…` headers.
 */
export async function answerPage(
  { server, query, hungUp }: ListingRequest,
  list: "objects" | "versions",
  selected: readonly ListedObject[],
  toJson: (object: ListedObject) => Buffer,
): Promise<Response> {
  const page = paginate(server, selected, query);
  const { largePage } = server.behavior;
  if (largePage !== undefined && page.items.length > largePage.objects) {
    if (!(await delayAnswer(largePage.delayMs ?? 0, { closing: server.closing, hungUp }))) {
      return RESPONSE_ALREADY_SENT;
    }
    if (largePage.status !== undefined) {
      return gatewayPage(largePage.status);
    }
  }
  if (page.items.length === 0 && server.flavor === "standard") {
    return answerNothing(server, list);
  }

  const parts: Buffer[] = [Buffer.from(`{${position(page)}"${list}":[`)];
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
      ...dateAddedHeaders(server, list, page.items),
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

function answerNothing(server: TaxiiServer, list: "objects" | "versions"): Response {
  const headers = { "content-type": taxiiContentType };
  switch (server.behavior.emptyAnswer ?? "empty-object") {
    case "empty-object":
      return new Response("{}", { headers });
    case "empty-list":
      return new Response(JSON.stringify({ more: false, [list]: [] }), { headers });
    case "not-found":
      throw notFound("Nothing matches.");
  }
}

/** The ATT&CK server takes the version for the date where it lists versions. */
function dateAddedHeaders(
  { flavor }: TaxiiServer,
  list: "objects" | "versions",
  items: readonly ListedObject[],
): Readonly<Record<string, string>> {
  if (items.length === 0) {
    return {};
  }
  const byVersion = flavor === "attack" && list === "versions";
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const micros = byVersion ? toMicroseconds(item.version) : item.addedMicros;
    first = Math.min(first, micros);
    last = Math.max(last, micros);
  }
  return {
    "x-taxii-date-added-first": fromMicroseconds(first),
    "x-taxii-date-added-last": fromMicroseconds(last),
  };
}
