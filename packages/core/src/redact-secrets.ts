import { secretName } from "./secret-names.js";

/** What stands where a secret was. */
export const redacted = "[redacted]";

/** Shorter values turn up by chance in ordinary words. */
const shortestSecret = 4;
const shortestBase64 = 6;

/** Takes the secrets out of a text. */
export type Redact = (text: string) => string;

// Lengths are bounded so that a long text costs linear time.
const patterns: readonly (readonly [RegExp, string])[] = [
  // A MongoDB URI whose password holds unescaped characters is not a valid one, and must not be shown all the same.
  [/(mongodb(?:\+srv)?:\/\/)[^\s"'<>]{0,500}@/gi, `$1${redacted}@`],
  [/(:\/\/)[^\s/?#"'<>]{0,500}@/g, `$1${redacted}@`],
  [
    new RegExp(
      `(?<![A-Za-z0-9])(${secretName})(\\\\?["']?\\s*[:=]\\s*\\\\?["']?)((?:basic|bearer)\\s+)?[^\\s"'\\\\&,;]+`,
      "gi",
    ),
    `$1$2$3${redacted}`,
  ],
  [/\b(basic|bearer)(\s+)[\w+/.~-]{8,}=*/gi, `$1$2${redacted}`],
];

/**
 * Makes a function that replaces every known secret, in every encoding that it may turn up in (as it is, JSON-escaped,
 * percent-encoded, in base64), and whatever looks like one (credentials in a URL, `Auth-Key: …`, `token=…`), by
 * `[redacted]`. Values of fewer than four characters are only found by what stands around them.
 */
export function createRedactor(secrets: Iterable<string>): Redact {
  const spellings = [...new Set([...secrets].flatMap(spellingsOf))].sort((a, b) => b.length - a.length);
  const known =
    spellings.length === 0 ? undefined : new RegExp(spellings.map(escapeForRegExp).join("|"), "g");

  return (text) => {
    let result = known === undefined ? text : text.replaceAll(known, redacted);
    for (const [pattern, replacement] of patterns) {
      result = result.replaceAll(pattern, replacement);
    }
    return result;
  };
}

/** Takes secrets out of one text; `createRedactor` prepares it for many. */
export function redactSecrets(text: string, secrets: Iterable<string> = []): string {
  return createRedactor(secrets)(text);
}

function spellingsOf(secret: string): string[] {
  if (secret.length < shortestSecret) {
    return [];
  }
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret.replaceAll(/\p{Surrogate}/gu, "\uFFFD"));
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    percent,
    lowerCaseEscapes(percent),
    form,
    lowerCaseEscapes(form),
    ...base64SpellingsOf(secret),
  ];
}

function lowerCaseEscapes(percentEncoded: string): string {
  return percentEncoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

/**
 * Base64 of a text that has the secret anywhere inside, as in `Basic …`. What comes before shifts its bits by 0, 2 or 4,
 * so there are three spellings; characters that also hold bits of the neighbours are left out.
 */
function base64SpellingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const firstWhole = Math.ceil((before * 8) / 6);
    const endOfWhole = Math.floor(((before + bytes.length) * 8) / 6);
    const whole = encoded.slice(firstWhole, endOfWhole);
    const url = whole.replaceAll("+", "-").replaceAll("/", "_");
    return whole.length < shortestBase64 ? [] : [whole, url];
  });
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
