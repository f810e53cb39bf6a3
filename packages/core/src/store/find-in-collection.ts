import {
  BSON,
  type Collection,
  type Document,
  type Filter,
  type FindCursor,
  type FindOptions,
  type WithId,
} from "mongodb";

/**
 * `collection.find`, with each document decoded once, when it is taken from the cursor. Where commands are watched, the driver decodes an answer
 * as a whole for its event, and each document of it again; asked for raw documents, it decodes none.
 */
export function findInCollection<Stored extends Document>(
  collection: Collection<Stored>,
  filter: Filter<Stored>,
  options: FindOptions,
): FindCursor<WithId<Stored>> {
  return collection
    .find<Uint8Array>(filter, { ...options, raw: true })
    .map((bytes) => BSON.deserialize(bytes) as WithId<Stored>);
}
