/** A query parameter that a server may overlook. */
export type IgnorableParameter =
  | "limit"
  | "next"
  | "added_after"
  | "match[id]"
  | "match[type]"
  | "match[version]"
  | "match[spec_version]";

export type TaxiiAuth =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "api-key"; readonly header: string; readonly key: string };

/** Switches for the differences between TAXII servers. */
export interface TaxiiBehavior {
  /** Whether a 429 has `Retry-After`. Default true. */
  readonly retryAfter?: boolean;
  /** Parameters that the server ignores. Default: it ignores no parameter. */
  readonly ignore?: readonly IgnorableParameter[];
  /** The keys of collections: as the standard spells them, or `canRead`, `canWrite`, `mediaTypes`. Default `snake_case`. */
  readonly collectionKeys?: "snake_case" | "camelCase";
  /** How the manifest writes `date_added`: `javascript` is `Wed May 31 2017 21:30:18 GMT+0000 (Coordinated Universal Time)`. Default `rfc3339`. */
  readonly dateAdded?: "rfc3339" | "javascript";
  /**
   * Pages of objects, manifests and versions with more than `objects` entries, whatever `limit` asked for them, come
   * `delayMs` later: past the client's own time-out it is a time-out. With `status` a gateway answers in their place,
   * after `delayMs` too. `{ objects: 500, status: 504 }`: a `limit` of 501 or more fails wherever there are as many
   * objects, a `limit` of 500 works. Default: pages of any size come at once.
   */
  readonly largePage?: {
    readonly objects: number;
    readonly delayMs?: number;
    readonly status?: 502 | 503 | 504;
  };
  /** Refuses a request without these credentials with 401. Default: no credentials are needed. */
  readonly auth?: TaxiiAuth;
  /** Ids of collections that nobody may read: `can_read` is false and their content is 403. Default: all can be read. */
  readonly unreadable?: readonly string[];
  /** Attack flavor: the manifest refuses every valid `added_after` with 400, as the deployed source does. Default true. */
  readonly manifestRefusesAddedAfter?: boolean;
  /** Answers have an `ETag`, and `If-None-Match` with it is answered 304. Default false. */
  readonly etag?: boolean;
  /** Standard flavor: pages are never longer than this, whatever `limit` says. Default: no maximum. */
  readonly maxPageSize?: number;
  /** Standard flavor: a page that is not the last says `more` but has no `next`; go on with `added_after`. Default false. */
  readonly omitNext?: boolean;
  /**
   * Standard flavor: all pages of a listing have the same `next`, and the server moves its own position, as OASIS medallion does: a
   * repeated request skips a page. A restarted server does not know it. Default false.
   */
  readonly oneToken?: boolean;
  /** Standard flavor: a `next` that is not used for this long is answered 400. Default: it never expires. */
  readonly tokenLifeMs?: number;
  /** Paths of API roots that discovery lists last and that answer 404, e.g. `/api/v21/attack-11.0-beta/`. Default: every root answers. */
  readonly deadRoots?: readonly string[];
  /** A firewall in front of the server answers requests whose path and query are longer with 403 and HTML. Default: no maximum. */
  readonly maxUrlLength?: number;
  /** A larger `limit` is refused with 400; without one, the standard flavor sends this many entries per page. Default: no maximum. */
  readonly maxLimit?: number;
  /** Manifests are answered with this status and HTML. Default: manifests are served. */
  readonly noManifest?: 404 | 405;
  /** `match[version]` is refused with 400 unless it is `last`, and the versions of an object are its last one. Default false. */
  readonly onlyLastVersion?: boolean;
  /**
   * Sent instead of a 401, or instead of every answer if no `auth` is set: `page` is a page of HTML with status 200, `redirect` sends
   * the client to that page at `/login`. Default: 401.
   */
  readonly loginPage?: "page" | "redirect";
  /** Standard flavor: the answer if nothing matches. Default `empty-object`: `{}`. */
  readonly emptyAnswer?: "empty-object" | "empty-list" | "not-found";
}
