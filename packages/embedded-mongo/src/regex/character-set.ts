/** First and last code point. */
export type CodePoints = readonly [number, number];

const LAST = 0x10ffff;

/** `\d`, `\h`, … of PCRE2 without the option UCP, which MongoDB does not set. */
export const ESCAPED_SETS: Readonly<Record<string, readonly CodePoints[]>> = {
  d: ranges("09"),
  h: ranges("\t\t  \u00a0\u00a0\u1680\u1680\u180e\u180e\u2000\u200a\u202f\u202f\u205f\u205f\u3000\u3000"),
  s: ranges("\t\r  "),
  v: ranges("\n\r\u0085\u0085\u2028\u2029"),
  w: ranges("09AZ__az"),
};

/** `[:alpha:]`, … */
export const POSIX_SETS: Readonly<Record<string, readonly CodePoints[]>> = {
  alnum: ranges("09AZaz"),
  alpha: ranges("AZaz"),
  ascii: ranges("\0\x7f"),
  blank: ranges("\t\t  "),
  cntrl: ranges("\0\x1f\x7f\x7f"),
  digit: ranges("09"),
  graph: ranges("!~"),
  lower: ranges("az"),
  print: ranges(" ~"),
  punct: ranges("!/:@[`{~"),
  space: ranges("\t\r  "),
  upper: ranges("AZ"),
  word: ranges("09AZ__az"),
  xdigit: ranges("09AFaf"),
};

/** @param ends the first and the last character of each range */
function ranges(ends: string): CodePoints[] {
  return Array.from(ends.matchAll(/../gs), ([pair]) => [pair.charCodeAt(0), pair.charCodeAt(1)]);
}

export function complement(set: readonly CodePoints[]): CodePoints[] {
  const rest: CodePoints[] = [];
  let next = 0;
  for (const [first, last] of set.toSorted((a, b) => a[0] - b[0])) {
    if (first > next) {
      rest.push([next, first - 1]);
    }
    next = Math.max(next, last + 1);
  }
  return next > LAST ? rest : [...rest, [next, LAST]];
}

/** A set in the syntax of RE2. */
export function setSource(set: readonly CodePoints[], negated = false): string {
  const members = set.map(([first, last]) =>
    first === last ? codePointSource(first) : `${codePointSource(first)}-${codePointSource(last)}`,
  );
  return `[${negated ? "^" : ""}${members.join("")}]`;
}

export function codePointSource(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`;
}

const properties = new Map<string, readonly CodePoints[]>();

/**
 * The code points of a Unicode property: `Any`, a general category (`L`, `Lu`, `L&`), or a script with its extensions (`Greek`).
 * The names are those of PCRE2, the version of Unicode is that of Node.js.
 *
 * @returns undefined for an unknown property
 */
export function propertySet(name: string): readonly CodePoints[] | undefined {
  const property = /^(?:[A-Z][a-z]?|Any)$/.test(name) ? name : name === "L&" ? "LC" : `scx=${name}`;
  try {
    const set = properties.get(name) ?? matching(new RegExp(`\\p{${property}}`, "u"));
    properties.set(name, set);
    return set;
  } catch {
    return undefined;
  }
}

/** Adds all characters that differ from a member only in case, by Unicode's simple mappings. */
export function foldCase(set: readonly CodePoints[]): readonly CodePoints[] {
  cased ??= groupByCase();
  const table = cased;
  const groups = set.flatMap(([first, last]) =>
    first === last
      ? [table.get(first) ?? []]
      : [...table].filter(([member]) => first <= member && member <= last).map(([, group]) => group),
  );
  const others = groups
    .flat()
    .filter((codePoint) => !set.some(([first, last]) => first <= codePoint && codePoint <= last));
  return [...set, ...others.map((codePoint): CodePoints => [codePoint, codePoint])];
}

const CASED = /[\p{Changes_When_Casefolded}\p{Changes_When_Casemapped}]/u;
/** No character above has a case: the planes there are ideographs, tags and private use. */
const LAST_CASED = 0x1ffff;
let cased: ReadonlyMap<number, readonly number[]> | undefined;

/** Each code point with another case, and all that are equal to it except for case. */
function groupByCase(): Map<number, number[]> {
  const groups = new Map<string, number[]>();
  const groupOf = new Map<number, number[]>();
  for (const [first, last] of matching(CASED, LAST_CASED)) {
    for (let codePoint = first; codePoint <= last; codePoint += 1) {
      const character = String.fromCodePoint(codePoint);
      // The dotless i is not another case of i.
      const key =
        character === "\u0131" ? character : inCase(inCase(character, "toUpperCase"), "toLowerCase");
      const group = groups.get(key) ?? [];
      group.push(codePoint);
      groups.set(key, group);
      groupOf.set(codePoint, group);
    }
  }
  return groupOf;
}

/** The character in another case; itself if that is more than one character. */
function inCase(character: string, to: "toUpperCase" | "toLowerCase"): string {
  const other = character[to]();
  return other.length > String.fromCodePoint(other.codePointAt(0) ?? 0).length ? character : other;
}

function matching(pattern: RegExp, limit = LAST): CodePoints[] {
  const set: [number, number][] = [];
  for (let codePoint = 0; codePoint <= limit; codePoint += 1) {
    if (pattern.test(String.fromCodePoint(codePoint))) {
      const run = set.at(-1);
      if (run !== undefined && run[1] === codePoint - 1) {
        run[1] = codePoint;
      } else {
        set.push([codePoint, codePoint]);
      }
    }
  }
  return set;
}
