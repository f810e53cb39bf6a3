/** Shorter values turn up by chance in ordinary words. */
const shortestSecret = 4;
/** Base64 of less is as likely to be a word. */
const shortestBase64 = 6;

/** Longer ones, such as a private key, are found by how each of their lines begins: a whole expression would take seconds to compile. */
const longestWhole = 128;

const shortestDistinctive = 8;
const shortestPhrase = 20;
const wordsOrNumbers = /^(?:\p{L}+(?:[-_. ]\p{L}+)*|[\d\s.:/-]+)$/u;

/**
 * Whether a secret can be told from ordinary data, so that it may be replaced in documents: at least 8 characters, and 20 where it
 * consists of words or of numbers alone. `attack`, `enterprise-attack` or `2026-11-27` as a password would garble good documents.
 */
export function isDistinctive(secret: string): boolean {
  return (
    secret.length >= shortestPhrase || (secret.length >= shortestDistinctive && !wordsOrNumbers.test(secret))
  );
}

/**
 * Matches every secret however it is written: as it is, escaped in JSON (`\"`, `\u00e4`, several times too), percent-encoded
 * with whatever set of characters, as a form field, with HTML's character references, in base64. What is distinctive also
 * matches in another case. Secrets of fewer than four characters are left out.
 *
 * @returns a global expression; undefined where there is nothing to match
 */
export function compileSecrets(secrets: Iterable<string>): RegExp | undefined {
  // The longer one first, where one is a part of the other.
  const known = [...new Set(secrets)]
    .filter((secret) => secret.length >= shortestSecret)
    .sort((one, other) => other.length - one.length);
  const sources = known.flatMap((secret) =>
    secret.length > longestWhole
      ? beginningsOf(secret).map((beginning) => `${plainSpellingOf(beginning)}[\\w+/=%.~\\x2d]*`)
      : [spellingsOf(secret, isDistinctive(secret)), ...base64SpellingsOf(secret)],
  );
  return sources.length === 0 ? undefined : new RegExp(sources.join("|"), "gu");
}

/**
 * Says quickly that a JSON text holds none of the secrets; where one may be in it, `compileSecrets` tells.
 *
 * @returns a function that is true for every text that `compileSecrets` of these secrets matches, and for a few others. Of unescaped text it
 *   knows three cases: as it is, lower and upper
 */
export function compileQuickTest(secrets: Iterable<string>): (json: string) => boolean {
  const looked = [...secrets].flatMap((secret) =>
    secret.length > longestWhole ? beginningsOf(secret) : [secret],
  );
  const written = new Set(looked.flatMap(unescapedSpellingsOf));
  // Where one is a part of the other, both are found by the shorter one.
  const spellings = [...written].filter(
    (spelling) => ![...written].some((other) => other !== spelling && spelling.includes(other)),
  );
  return (json) => spellings.some((spelling) => json.includes(spelling)) || anyEscape.test(json);
}

/** Percent-encoding, a character reference, or a backslash beyond those of JSON itself. */
const anyEscape = /%[\dA-Fa-f]{2}|\\\\|&(?:#|amp;|lt;|gt;|quot;|apos;)/;

function unescapedSpellingsOf(secret: string): string[] {
  return [
    ...[secret, secret.toLowerCase(), secret.toUpperCase()].flatMap((text) => [
      text,
      text.replaceAll(" ", "+"),
    ]),
    ...base64Of(secret).flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]),
  ].map((text) => JSON.stringify(text).slice(1, -1));
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\b": "b",
  "\f": "f",
};
const references: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/**
 * The beginning of each line, without the `-----` lines of PEM. If the secret is a single line, its beginning is longer, since many tokens
 * share their first characters.
 */
function beginningsOf(secret: string): string[] {
  const lines = secret.split(/\s+/).filter((line) => line.length >= 16 && !line.startsWith("-----"));
  const length = lines.length === 1 ? 64 : 16;
  return lines.length === 0 ? [secret] : lines.map((line) => line.slice(0, length));
}

/** What may stand for a secret. Runs are bounded, so that a long text costs linear time. */
function spellingsOf(secret: string, anyCase: boolean): string {
  return [...secret]
    .map((character) => {
      const cases = anyCase ? [character, character.toLowerCase(), character.toUpperCase()] : [character];
      const forms = new Set(cases.filter((form) => [...form].length === 1));
      return `(?:${[...forms].map(writtenAs).join("|")})`;
    })
    .join("");
}

/** With letters and digits as they are, which long secrets consist of. */
function plainSpellingOf(text: string): string {
  return [...text]
    .map((character) => (isAlphanumeric(character) ? character : `(?:${writtenAs(character)})`))
    .join("");
}

function isAlphanumeric(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

function writtenAs(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const named = references[character];
  const short = shortEscapes[character];
  return [
    // A letter behind a backslash is another character.
    isAlphanumeric(character) ? literal(character) : `\\\\{0,16}${literal(character)}`,
    ...(short === undefined ? [] : [`\\\\{1,16}${short}`]),
    [...utf16Of(character)].map((unit) => `\\\\{1,16}u${hex(unit, 4)}`).join(""),
    `\\\\{1,16}u\\{0{0,6}${hex(code)}\\}`,
    ...(code < 256 ? [`\\\\{1,16}x${hex(code, 2)}`] : []),
    [...Buffer.from(character)].map((byte) => `%(?:25){0,4}${hex(byte, 2)}`).join(""),
    ...(character === " " ? ["\\+"] : []),
    `&(?:amp;){0,4}#(?:0{0,6}${code}|[xX]0{0,6}${hex(code)});?`,
    ...(named === undefined ? [] : [`&(?:amp;){0,4}${named};`]),
  ].join("|");
}

function utf16Of(character: string): number[] {
  return character.split("").map((unit) => unit.charCodeAt(0));
}

/** In any case. */
function hex(code: number, digits = 1): string {
  return code
    .toString(16)
    .padStart(digits, "0")
    .replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (sign) => (sign === "-" ? "\\x2d" : `\\${sign}`));
}

function base64SpellingsOf(secret: string): string[] {
  return base64Of(secret).map((text) => text.replaceAll(/[+/]/g, base64Sign));
}

/**
 * Base64 of a text that has the secret anywhere inside, as in `Basic …`. What comes before shifts its bits by 0, 2 or 4,
 * so there are three spellings; characters that also hold bits of the neighbours are left out.
 */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const firstWhole = Math.ceil((before * 8) / 6);
    const endOfWhole = Math.floor(((before + bytes.length) * 8) / 6);
    const whole = encoded.slice(firstWhole, endOfWhole);
    return whole.length < shortestBase64 ? [] : [whole];
  });
}

/** `+` and `/` may be escaped, and are `-` and `_` in URLs. */
function base64Sign(sign: string): string {
  return `(?:${writtenAs(sign)}|${sign === "+" ? "\\x2d" : "_"})`;
}
