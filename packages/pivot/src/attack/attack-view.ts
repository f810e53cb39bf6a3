import type { StoreReader } from "@cti-connectors/core";

/** A domain of ATT&CK. */
export type AttackDomain = keyof typeof collectionIds;

/** The TAXII collection of each domain: the same in every release (https://attack-taxii.mitre.org/taxii2/). */
export const collectionIds = {
  "enterprise-attack": "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019",
  "ics-attack": "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09",
  "mobile-attack": "x-mitre-collection--dac0d2d7-8653-445c-9bff-82f934c1e858",
} as const;

/** The part of the stored ATT&CK that a question is about. */
export interface AttackView {
  /** `openStore` of `@cti-connectors/core/host` has one as `reader`. */
  readonly store: StoreReader;
  /** Default: all domains. */
  readonly domain?: AttackDomain;
  /** A stored release, such as `17.1`. Default: what the upstream lists now. */
  readonly release?: string;
  /**
   * Whether answers contain revoked and deprecated objects and relationships. Default: no. What a question names by id or name is
   * always found.
   */
  readonly includeRevokedDeprecated?: boolean;
  /**
   * Read less: of the STIX objects in an answer, only the id and the references to other objects; of relationships, no citations. Default: no.
   */
  readonly brief?: boolean;
}

type Filter = Readonly<Record<string, unknown>>;

/**
 * The filter for `objects` that leaves only what is in the view, revoked and deprecated objects included. It goes with a field that has an
 * index and narrows more. No part of it is an equality on another index: the embedded database takes the first of those that a filter has.
 */
export function filterOf({ domain, release }: Omit<AttackView, "store">): Filter {
  return {
    ...(release === undefined
      ? { removed_at: null }
      : { "enriched.releases": { $elemMatch: { $eq: release } } }),
    ...(domain !== undefined && inCollection(collectionIds[domain])),
  };
}

/** The filter for `objects` that leaves only those of a collection. See `filterOf` for its shape. */
export function inCollection(id: string): Filter {
  return { "data.collection_id": { $gte: id, $lte: id } };
}

/** The filter for `objects` that leaves only what answers in this view may contain. */
export function answerFilterOf(view: Omit<AttackView, "store">): Filter {
  return {
    ...filterOf(view),
    ...(view.includeRevokedDeprecated !== true && {
      "enriched.revoked": false,
      "enriched.deprecated": false,
    }),
  };
}
