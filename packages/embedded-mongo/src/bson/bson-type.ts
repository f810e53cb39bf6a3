/** Type bytes of the BSON specification (bsonspec.org). */
export const BsonType = {
  /** Not in BSON: stands for a field that a document does not have. */
  missing: 0,
  double: 1,
  string: 2,
  document: 3,
  array: 4,
  binary: 5,
  undefined: 6,
  objectId: 7,
  boolean: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  code: 13,
  symbol: 14,
  codeWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  maxKey: 127,
  minKey: 255,
} as const;

const { missing: _missing, document, binary, boolean, code, codeWithScope, ...namedAlike } = BsonType;
/** The names in `$type` and in messages. */
const ALIASES: Readonly<Record<string, number>> = {
  ...namedAlike,
  object: document,
  binData: binary,
  bool: boolean,
  javascript: code,
  javascriptWithScope: codeWithScope,
};
const NAMES = new Map(Object.entries(ALIASES).map(([name, type]) => [type, name]));

/** The type byte of an alias in `$type` ("int", "objectId", …). */
export function typeOfAlias(alias: string): number | undefined {
  return Object.hasOwn(ALIASES, alias) ? ALIASES[alias] : undefined;
}

/** The alias of a type byte, for error messages. */
export function aliasOfType(type: number): string {
  return NAMES.get(type) ?? "missing";
}

export function isNumberType(type: number): boolean {
  return (
    type === BsonType.int || type === BsonType.double || type === BsonType.long || type === BsonType.decimal
  );
}
