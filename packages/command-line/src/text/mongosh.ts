/** A question to a collection, as `mongosh` understands it. */
export interface MongoshQuery {
  readonly collection: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly sort?: Readonly<Record<string, 1 | -1>> | undefined;
  readonly limit?: number | undefined;
}

/** Writes a query so that it can be copied into `mongosh`. */
export function spellMongosh({ collection, filter, sort, limit }: MongoshQuery): string {
  const sorted = sort === undefined ? "" : `.sort(${spellValue(sort)})`;
  const limited = limit === undefined ? "" : `.limit(${limit})`;
  return `${spellCollection(collection)}.find(${spellValue(filter)})${sorted}${limited}`;
}

/**
 * In mongosh `db.stats` is a method and no collection. The names of its methods that could be those of collections
 * (https://www.mongodb.com/docs/mongodb-shell/reference/methods/#database-methods); the others have capitals.
 */
const methods = [
  "aggregate",
  "auth",
  "constructor",
  "eval",
  "hello",
  "help",
  "logout",
  "sql",
  "stats",
  "version",
  "watch",
];

function spellCollection(name: string): string {
  const isPlain = /^[a-z][a-z0-9_]*$/.test(name) && !methods.includes(name);
  return isPlain ? `db.${name}` : `db.getCollection(${JSON.stringify(name)})`;
}

function spellValue(value: unknown): string {
  if (value instanceof Date) {
    return `ISODate(${JSON.stringify(value.toISOString())})`;
  }
  if (value instanceof RegExp || typeof value === "number") {
    return String(value);
  }
  if (typeof value === "bigint") {
    return `NumberLong("${value}")`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(spellValue).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, part]) => part !== undefined);
    return fields.length === 0
      ? "{}"
      : `{ ${fields.map(([key, part]) => `${spellKey(key)}: ${spellValue(part)}`).join(", ")} }`;
  }
  return JSON.stringify(value) ?? "undefined";
}

function spellKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) && key !== "__proto__" ? key : JSON.stringify(key);
}
