import { isJsonObject, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { getResource } from "./get-resource.js";
import type { TaxiiConnection } from "./taxii-connection.js";

/** A collection as its API root describes it (TAXII 2.1, section 5.2.1). */
export interface TaxiiCollection {
  readonly id: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly alias: string | undefined;
  /** True where the server does not say. */
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly mediaTypes: readonly string[];
  readonly received: JsonObject;
}

const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const texts = z.array(z.string()).optional().catch(undefined);

/** Older ATT&CK deployments spell `canRead`, `canWrite`, `mediaTypes`. */
const collection = z
  .preprocess(
    (received) => ({ received, fields: received }),
    z.object({
      received: z.custom<JsonObject>(isJsonObject, "expected a collection"),
      fields: z.looseObject({
        id: z.string().min(1),
        title: text,
        description: text,
        alias: text,
        can_read: flag,
        canRead: flag,
        can_write: flag,
        canWrite: flag,
        media_types: texts,
        mediaTypes: texts,
      }),
    }),
  )
  .transform(
    ({ received, fields }): TaxiiCollection => ({
      id: fields.id,
      title: fields.title,
      description: fields.description,
      alias: fields.alias,
      canRead: fields.can_read ?? fields.canRead ?? true,
      canWrite: fields.can_write ?? fields.canWrite ?? false,
      mediaTypes: fields.media_types ?? fields.mediaTypes ?? [],
      received,
    }),
  );

const collections = z.looseObject({ collections: z.array(collection).optional() });

/** The collections of an API root. One request; an empty object is an empty list. */
export async function getCollections(
  connection: TaxiiConnection,
  root: URL,
): Promise<readonly TaxiiCollection[]> {
  const url = new URL("collections/", root);
  const { value } = await getResource({
    connection,
    url,
    request: "collections",
    schema: collections,
    holds: ["collections"],
    isEntrance: true,
  });
  return value.collections ?? [];
}

/** Parses a list of collections as a server sent it; undefined where it is not such a list. */
export function parseCollections(received: unknown): readonly TaxiiCollection[] | undefined {
  return z.array(collection).safeParse(received).data;
}

/** One collection by id or alias. */
export async function getCollection(
  connection: TaxiiConnection,
  root: URL,
  id: string,
): Promise<TaxiiCollection> {
  const url = collectionUrl(root, id);
  return (await getResource({ connection, url, request: `collection ${id}`, schema: collection })).value;
}

/** Ends in a slash, so that resources of the collection resolve against it. */
export function collectionUrl(root: URL, id: string): URL {
  return new URL(`collections/${encodeURIComponent(id)}/`, root);
}
