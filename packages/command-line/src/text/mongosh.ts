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

/** What `db.` has in mongosh 2.12 that is no collection. Its other methods have capitals. */
const methods = new Set("aggregate auth constructor hello help logout sql stats version watch".split(" "));

function spellCollection(name: string): string {
  const isPlain = /^[a-z][a-z0-9_]*$/.test(name) && !methods.has(name);
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
