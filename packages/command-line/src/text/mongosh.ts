/** A question to a collection, as `mongosh` understands it. */
export interface MongoshQuery {
  readonly collection: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly sort?: Readonly<Record<string, 1 | -1>> | undefined;
  readonly limit?: number | undefined;
}

/**
 * Writes a query so that it can be copied into `mongosh`, with a line for each field of the filter where it is too long for one line.
 *
 * @param width characters on a line. Default: any number
 */
export function spellMongosh(
  { collection, filter, sort, limit }: MongoshQuery,
  width = Number.POSITIVE_INFINITY,
): string {
  const sorted = sort === undefined ? "" : `.sort(${spellValue(sort)})`;
  const limited = limit === undefined ? "" : `.limit(${limit})`;
  const spell = (spelled: string) => `${spellCollection(collection)}.find(${spelled})${sorted}${limited}`;
  const line = spell(spellValue(filter));
  // A line that began with `.sort` would be a command of the shell to mongosh.
  const fields = fieldsOf(filter).map((field) => `  ${field}`);
  return line.length <= width || fields.length === 0 ? line : spell(`{\n${fields.join(",\n")}\n}`);
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
    const fields = fieldsOf(value);
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }
  return JSON.stringify(value) ?? "undefined";
}

function fieldsOf(value: object): string[] {
  return Object.entries(value).flatMap(([key, part]) =>
    part === undefined ? [] : [`${spellKey(key)}: ${spellValue(part)}`],
  );
}

function spellKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) && key !== "__proto__" ? key : JSON.stringify(key);
}
