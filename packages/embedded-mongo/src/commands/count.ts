import type { CommandHandler } from "../protocol/command-context.js";
import { collectionName, numberField } from "../protocol/command-request.js";
import { compileFilter } from "../query/compile-filter.js";
import { findRecords } from "../records/find-records.js";
import { readQuery } from "./find.js";

export const count: CommandHandler = (context, request) => {
  const collection = context.database.catalog.get(request.db, collectionName(request));
  const limit = Math.abs(numberField(request, "limit") ?? 0);
  const query = { ...readQuery({ ...request, fields: without(request.fields, "limit") }, "query"), limit };
  compileFilter(query.filter);
  if (collection === undefined) {
    return { n: 0 };
  }
  if (Object.keys(query.filter).length === 0) {
    const rest = Math.max(0, collection.count - (query.skip ?? 0));
    return { n: limit === 0 ? rest : Math.min(limit, rest) };
  }
  let n = 0;
  for (const _record of findRecords(context.database, collection, query)) {
    n++;
  }
  return { n };
};

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  return new Map([...map].filter(([name]) => name !== key));
}
