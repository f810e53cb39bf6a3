import { notFound } from "../protocol/taxii-refusal.js";
import type { TaxiiFilter } from "../source/taxii-filter.js";
import type { PageQuery } from "../source/taxii-source.js";
import { readToken } from "./next-token.js";
import { isObjectId, parseFilter } from "./parse-filter.js";
import { type PageSizes, parseLimit } from "./parse-limit.js";
import { readParameter } from "./read-parameter.js";

/** What the path of a request names. */
export interface PagePlace {
  readonly root: string;
  readonly collection: string;
  /** Absent: the request is for all objects. */
  readonly object?: string;
  /** Whether the request is for the versions of the object. */
  readonly versions?: boolean;
}

/**
 * What a source is asked for (TAXII 2.1 §3.4, §3.5). An object that the path names comes in place of `match[id]`, and its versions in place
 * of `match[version]`.
 *
 * @throws TaxiiRefusal 400 where a parameter is wrong, 404 where the object's id cannot be one
 */
export function parsePageQuery(query: URLSearchParams, place: PagePlace, sizes: PageSizes): PageQuery {
  const { root, collection, object, versions = false } = place;
  if (object !== undefined && !isObjectId(object)) {
    throw notFound(`"${object}" is not the id of a STIX object.`);
  }
  const filter: TaxiiFilter = {
    ...parseFilter(query),
    ...(object !== undefined && { ids: [object] }),
    ...(versions && { versions: "all" }),
  };
  const listing = { root, collection, filter };
  const limit = parseLimit(query, sizes);
  const token = readParameter(query, "next");
  return { ...listing, limit, ...(token !== undefined && { after: readToken(listing, token) }) };
}
