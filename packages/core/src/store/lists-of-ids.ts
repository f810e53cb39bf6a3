/**
 * How many ids one `$in` holds. Some servers compare each document with each of them: several short lists are faster
 * there than a long one, and no slower elsewhere.
 */
const idsPerList = 200;

/** Divides ids into lists, each for one query. */
export function* listsOfIds(ids: readonly string[]): Iterable<string[]> {
  for (let start = 0; start < ids.length; start += idsPerList) {
    yield ids.slice(start, start + idsPerList);
  }
}
