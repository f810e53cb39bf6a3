/** What servers and gateways commonly take for a URL is 8 kB; the token of a next page fits in beside these. */
const longestUrl = 7_500;
/** What a list adds to an id: a comma in a URL's query. */
const commaLength = "%2C".length;

/**
 * Object ids in lists that fit into a URL each.
 *
 * @param baseLength length of the URL without the ids
 * @param most ids in one list
 */
export function batchIds(
  ids: Iterable<string>,
  baseLength: number,
  most: number,
): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let length = baseLength;
  for (const id of ids) {
    const added = encodeURIComponent(id).length + commaLength;
    if (batch.length > 0 && (batch.length >= most || length + added > longestUrl)) {
      batches.push(batch);
      batch = [];
      length = baseLength;
    }
    batch.push(id);
    length += added;
  }
  if (batch.length > 0) {
    batches.push(batch);
  }
  return batches;
}
