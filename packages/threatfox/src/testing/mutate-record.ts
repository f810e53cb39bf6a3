import type { JsonObject } from "@cti-connectors/core";

/** A record with faults, as JSON text: some of them no value of JavaScript can hold. */
export interface MutatedRecord {
  readonly json: string;
  /** Whether it cannot be stored, and belongs into quarantine. */
  readonly isUnstorable: boolean;
}

/** A JSON text that stands in for a value, and whether MongoDB cannot hold it. */
interface Mutation {
  readonly json: string;
  readonly isUnstorable?: true;
}

type Random = () => number;

const values: readonly Mutation[] = [
  ...[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1.5",
    "2147483648",
    "9007199254740993",
    "1e400",
    "-1e400",
    "5e-324",
  ],
  ...["{}", "[]", "[[[]]]", '[null,1,{"a":[]}]', '{"$gt":""}', '{"$ref":"a","$id":1}', '{"length":-1}'],
  ...['{"$date":"yesterday"}', '{"__proto__":{"ioc":"x"}}', '{"toString":null,"valueOf":1}', '[",",""]'],
].map((json) => ({ json }));

const texts = [
  ...[
    "",
    " ",
    "None",
    "0",
    "1e400",
    "\u0000",
    "a\u0000b",
    "\n\r\t",
    "\u2028",
    "\ufeff",
    "💥",
    "e\u0301",
    "\u202etxt.exe",
  ],
  ...[
    "$where",
    "$$ROOT",
    "a.b",
    "__proto__",
    "'; --",
    "\\",
    '"',
    "<script>",
    "../../etc/passwd",
    "%00",
    "{{7*7}}",
  ],
  ...[
    "0000-00-00 00:00:00",
    "2026-02-30 00:00:00 UTC",
    "9999-12-31 23:59:59 UTC",
    "yesterday",
    "2026-01-01T25:00",
  ],
  ...[
    "203.0.113.5:99999",
    "[::1",
    "::ffff:203.0.113.5:80",
    "http://",
    "http://[::1",
    "http://a:b@c:99999/",
    "xn--a",
  ],
  ...[
    "javascript:alert(1)",
    "a..b",
    "ñ.example",
    "@",
    "a@",
    "hxxp://c2[.]example",
    "http://c2.example/%zz?#'\\",
  ],
].map((text): Mutation => ({ json: JSON.stringify(text) }));

const halfPairs = ["\ud800", "a\udc00b", "\udbff\ud800"].map(
  (text): Mutation => ({ json: JSON.stringify(text), isUnstorable: true }),
);

const names: readonly Mutation[] = [
  ...[
    "",
    " ",
    ".",
    "a.b",
    "$",
    "$set",
    "$where",
    "a$b",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
  ],
  ...["length", "_id", "source", "then", "toJSON", "💥", "0", "-1", "k".repeat(5_000)],
].map((name) => ({ json: JSON.stringify(name) }));

const unstorableNames = ["\u0000", "a\u0000b", "\ud800"].map(
  (name): Mutation => ({ json: JSON.stringify(name), isUnstorable: true }),
);

/** `data` and the document around it are two levels of the hundred that MongoDB holds. */
const nestings: readonly Mutation[] = [
  ...[20, 97].map((levels) => ({ json: nest(levels) })),
  ...[99, 500, 2_000].map((levels) => ({ json: nest(levels), isUnstorable: true as const })),
];

const noRecords = [
  "null",
  "true",
  "7",
  '"text"',
  "[]",
  '[{"id":"1","ioc":"c2.example"}]',
  "{}",
  '{"id":"1"}',
];
const badIds = [
  "null",
  "true",
  "1.5",
  "-1",
  "1e400",
  '""',
  '" "',
  "[]",
  '{"$oid":"1"}',
  `"${"9".repeat(200)}"`,
];
const badIocs = ["null", "7", "true", '""', '" \\n"', "[]", '["c2.example"]', '{"a":1}'];

/**
 * Makes records with one to three faults each, the same ones for the same seed. No two of them have one id.
 *
 * @param identity names of the fields that hold the id and the IOC
 */
export function mutateRecords(
  records: readonly JsonObject[],
  identity: { readonly id: string; readonly ioc: string },
  { count, seed }: { readonly count: number; readonly seed: number },
): readonly MutatedRecord[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, index) => {
    const record = { ...pick(records, random), [identity.id]: String(3_000_000 + index) };
    return random() < 0.01
      ? { json: pick(noRecords, random), isUnstorable: true }
      : mutateRecord(record, identity, index, random);
  });
}

function mutateRecord(
  record: JsonObject,
  identity: { readonly id: string; readonly ioc: string },
  index: number,
  random: Random,
): MutatedRecord {
  const fields = new Map(
    Object.entries(record).map(([name, value]) => [JSON.stringify(name), JSON.stringify(value)]),
  );
  const [id, ioc] = [JSON.stringify(identity.id), JSON.stringify(identity.ioc)];
  let isUnstorable = false;
  const set = (name: string, mutation: Mutation) => {
    fields.set(name, mutation.json);
    isUnstorable ||= mutation.isUnstorable === true;
  };
  const faults = 1 + Math.floor(random() * 3);
  const others = shuffle(
    [...fields.keys()].filter((name) => name !== id && name !== ioc),
    random,
  );
  for (const name of others.slice(0, faults)) {
    const kind = random();
    if (kind < 0.1) {
      fields.delete(name);
    } else if (kind < 0.45) {
      set(name, pick(values, random));
    } else if (kind < 0.8) {
      set(name, pick(texts, random));
    } else if (kind < 0.82) {
      set(name, pick(halfPairs, random));
    } else if (kind < 0.83) {
      set(name, { json: JSON.stringify("x".repeat(10_000)) });
    } else if (kind < 0.85) {
      set(name, pick(nestings, random));
    } else if (kind < 0.98) {
      set(pick(names, random).json, pick([...values, ...texts], random));
    } else {
      set(pick(unstorableNames, random).json, { json: "1", isUnstorable: true });
    }
  }
  const kind = random();
  if (kind < 0.02) {
    set(id, { json: pick(badIds, random), isUnstorable: true });
  } else if (kind < 0.03) {
    isUnstorable = fields.delete(id) || isUnstorable;
  } else if (kind < 0.06) {
    set(id, { json: String(3_000_000 + index) });
  } else if (kind < 0.08) {
    set(ioc, { json: pick(badIocs, random), isUnstorable: true });
  } else if (kind < 0.09) {
    isUnstorable = fields.delete(ioc) || isUnstorable;
  } else if (kind < 0.1) {
    set(ioc, pick(halfPairs, random));
  } else if (kind < 0.4) {
    set(ioc, { json: pickIoc(random) });
  }
  return { json: `{${[...fields].map(([name, json]) => `${name}:${json}`).join(",")}}`, isUnstorable };
}

function pickIoc(random: Random): string {
  const { json } = pick(texts, random);
  return badIocs.includes(json) || /^"(?:\s|\\[nrtu]|\u2028|\ufeff)*"$/u.test(json) ? '"c2.example"' : json;
}

function nest(levels: number): string {
  return levels % 2 === 0
    ? `${"[".repeat(levels)}${"]".repeat(levels)}`
    : `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) {
    throw new RangeError("there is nothing to pick from");
  }
  return item;
}

function shuffle<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** Numbers from 0 to 1 by a linear congruential generator, with the constants of Numerical Recipes. */
function randomNumbers(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
