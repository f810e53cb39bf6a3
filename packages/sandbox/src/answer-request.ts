import { z } from "zod";
import { type StixRelease, toStixRelease } from "./stix/stix-release.js";
import { createTaxiiUpstream } from "./taxii/create-taxii-upstream.js";
import type { TaxiiBehavior } from "./taxii/taxii-behavior.js";
import { createThreatfoxApp } from "./threatfox/create-threatfox-app.js";
import { createThreatfoxFeed } from "./threatfox/threatfox-feed.js";
import { threatfoxRecordSchema } from "./threatfox/threatfox-record.js";

/** What the server looks at. It serves invalid objects as well. */
const servedObject = z.looseObject({
  id: z.string(),
  type: z.string(),
  spec_version: z.string().optional(),
  created: z.string().optional(),
  modified: z.string().optional(),
});

export interface TaxiiContent {
  /** The objects of each collection. An `x-mitre-collection` object among them says which it is. */
  readonly collections: readonly (readonly unknown[])[];
  /** Default `attack`. */
  readonly flavor?: "attack" | "standard";
  readonly behavior?: TaxiiBehavior;
}

/**
 * Answers one request as the TAXII server does when it has these objects: discovery is at `/taxii2/`. It remembers nothing
 * from one request to the next, so it has no quota and no `oneToken`.
 *
 * @throws ZodError if an object has no `id` or `type`
 */
export async function answerTaxii(
  request: Request,
  { collections, flavor = "attack", behavior = {} }: TaxiiContent,
): Promise<Response> {
  const releases: readonly StixRelease[] = collections.map((objects, index) =>
    toStixRelease(`collection-${index + 1}`, {
      type: "bundle",
      objects: z.array(servedObject).parse(objects),
    }),
  );
  const { signal: closing } = new AbortController();
  return createTaxiiUpstream({ flavor, behavior, releases, closing }, []).fetch(request);
}

export interface ThreatfoxContent {
  /** As `get_iocs` has them. */
  readonly records: readonly unknown[];
  /** The only one that the API accepts. */
  readonly key: string;
  /** Default: the time of this machine. */
  readonly now?: () => Date;
}

/**
 * Answers one request as ThreatFox does when it has these records: the API is at `/api/v1/`, the exports are beside it.
 *
 * @throws ZodError if a record has no text as `id`, `ioc`, `ioc_type` or `first_seen`
 */
export async function answerThreatfox(
  request: Request,
  { records, key, now = () => new Date() }: ThreatfoxContent,
): Promise<Response> {
  const feed = createThreatfoxFeed(z.array(threatfoxRecordSchema).parse(records), () => now().getTime());
  const { signal: closing } = new AbortController();
  return createThreatfoxApp({ feed, authKey: key, closing }, []).fetch(request);
}
