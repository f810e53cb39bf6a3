import type { Context } from "hono";
import { stixMediaType, taxiiContentType } from "../protocol/media-type.js";
import { forbidden, TaxiiRefusal } from "../protocol/taxii-refusal.js";
import type { SourceCollection } from "../source/taxii-source.js";
import { type ServedRoot, servedRoot, type TaxiiEnv, type TaxiiServer } from "./taxii-env.js";

/** TAXII 2.1 §4.1. URLs are relative, which the standard allows: a server behind a gateway does not know its own origin. */
export async function describeServer({ title, description, contact, sources }: TaxiiServer): Promise<object> {
  const roots = await Promise.all(sources.map((source) => source.apiRoots()));
  const urls = [...new Set(roots.flat().map(({ path }) => path))];
  return {
    title,
    description,
    contact,
    ...(urls.length > 0 && { default: urls[0], api_roots: urls }),
  };
}

/** TAXII 2.1 §4.2. */
export function describeRoot({ maxContentLength }: TaxiiServer, { root }: ServedRoot): object {
  return {
    title: root.title,
    description: root.description,
    versions: [taxiiContentType],
    max_content_length: maxContentLength,
  };
}

/** TAXII 2.1 §5.1. The list is absent where it would be empty. */
export async function describeCollections({ source, root }: ServedRoot): Promise<object> {
  const collections = await source.collections(root.path);
  return collections.length === 0 ? {} : { collections: collections.map(describeCollection) };
}

/** TAXII 2.1 §5.2. */
export function describeCollection(collection: SourceCollection): object {
  const { id, title, description, alias, canRead = true } = collection;
  return {
    id,
    title,
    description,
    alias,
    can_read: canRead,
    can_write: false,
    media_types: [stixMediaType],
  };
}

/**
 * The collection that a path names by its id or its alias.
 *
 * @throws TaxiiRefusal 404
 */
export async function findCollection(c: Context<TaxiiEnv>): Promise<SourceCollection> {
  const { source, root } = servedRoot(c);
  const name = c.req.param("collection");
  const collections = await source.collections(root.path);
  const found = collections.find(({ id }) => id === name) ?? collections.find(({ alias }) => alias === name);
  if (found === undefined) {
    throw new TaxiiRefusal({
      status: 404,
      title: "Collection Not Found",
      description: `The API root ${root.path} has no collection ${name}.`,
      errorCode: "collection-not-found",
    });
  }
  return found;
}

/** @throws TaxiiRefusal 404, and 403 where the collection's content cannot be read */
export async function findReadableCollection(c: Context<TaxiiEnv>): Promise<SourceCollection> {
  const collection = await findCollection(c);
  if (collection.canRead === false) {
    throw forbidden(`The content of collection ${collection.id} cannot be read.`);
  }
  return collection;
}
