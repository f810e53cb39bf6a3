import {
  createMemorySource,
  createTaxiiApp,
  type MemoryApiRoot,
  type TaxiiSource,
} from "@cti-connectors/taxii-server";
import type { Hono } from "hono";
import { groupReleases, type StixRelease } from "../stix/stix-release.js";
import { contact } from "./discovery.js";
import { holdLargePage } from "./hold-large-page.js";
import { expireTokens, keepOneToken } from "./page-tokens.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

/** What a server of the standard flavor answers from. */
export interface StandardServer {
  readonly releases: readonly StixRelease[];
  readonly behavior: TaxiiBehavior;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/**
 * A server that follows TAXII 2.1, with one API root. A collection holds every version of every object of all its releases, each
 * added with the first release that holds it.
 */
export function createStandardApp(server: StandardServer): Hono {
  const { releases, behavior } = server;
  const { maxPageSize = Number.POSITIVE_INFINITY, maxLimit = Number.POSITIVE_INFINITY } = behavior;
  const root: MemoryApiRoot = {
    path: "/api/v21/",
    title: "STIX 2.1 content",
    description: "STIX 2.1 bundles, served by a sandbox that follows TAXII 2.1.",
    collections: groupReleases(releases).flatMap(mergeReleases),
  };
  const { title, description } = root;
  const source = changeSource(createMemorySource([root]), server);
  return createTaxiiApp([source], {
    title,
    ...(description && { description }),
    contact,
    defaultPageSize: maxLimit,
    maxPageSize,
  });
}

function mergeReleases(releases: readonly StixRelease[]): MemoryApiRoot["collections"] {
  const newest = releases.at(-1);
  return newest === undefined
    ? []
    : [
        {
          id: newest.collectionId,
          title: newest.title,
          ...(newest.description !== undefined && { description: newest.description }),
          bundles: releases.map(({ modified, objects }) => ({ addedAt: modified, objects })),
        },
      ];
}

function changeSource(source: TaxiiSource, server: StandardServer): TaxiiSource {
  const { behavior } = server;
  const { deadRoots = [], unreadable = [], onlyLastVersion, oneToken = false, tokenLifeMs } = behavior;
  const { stamp: _, ...withoutEtag } = source;
  const changed: TaxiiSource = {
    ...(behavior.etag ? source : withoutEtag),
    async apiRoots() {
      return [...(await source.apiRoots()), ...deadRoots.map((path) => ({ path, title: path }))];
    },
    async collections(root) {
      const collections = await source.collections(root);
      return collections.map((collection) => ({
        ...collection,
        canRead: !unreadable.includes(collection.id),
      }));
    },
    async readPage({ filter, ...query }) {
      const versions = onlyLastVersion ? { first: false, last: true, timestamps: [] } : filter.versions;
      const page = await source.readPage({ ...query, filter: { ...filter, versions } });
      await holdLargePage(page.records.length, server, query.signal);
      return page;
    },
  };
  if (oneToken) {
    return keepOneToken(changed, tokenLifeMs);
  }
  return tokenLifeMs === undefined ? changed : expireTokens(changed, tokenLifeMs);
}
