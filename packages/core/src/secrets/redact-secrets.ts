import { compileSecrets } from "./secret-matcher.js";

/** Names under which a value is a secret, in a header, a query or a log line's fields; anything may stand before them. */
const secretName =
  "(?:auth[-_]?key|api[-_]?key|access[-_]?token|token|passw(?:or)?d|secret|authorization|cookie)";

const wholeName = new RegExp(`^(?:.*[-_])?${secretName}$`, "i");

/** Whether values with this name are secret. */
export function isSecretName(name: string): boolean {
  return wholeName.test(name);
}

/** Replaces a secret. */
export const redacted = "[redacted]";

/** Takes the secrets out of a text. */
export type Redact = (text: string) => string;

/** As in our advice: `write mongodb://user:password@host:27017/`. */
const placeholder = "user:password@";

// Each tells of a place where a value can stand. Lengths are bounded so that a long text costs linear time.
// A MongoDB URI whose password holds unescaped characters is not a valid one, and must not be shown all the same.
const inMongoUri = new RegExp(`(mongodb(?:\\+srv)?:\\/\\/)(?!${placeholder})[^\\s"'<>]{0,500}@`, "gi");
const inUrl = new RegExp(`(:\\/\\/)(?!${placeholder})[^\\s/?#"'<>]{0,500}@`, "g");
const behindName = new RegExp(
  `(?<![A-Za-z0-9])(${secretName})(\\\\?["']?\\s*[:=]\\s*\\\\?["']?)((?:basic|bearer)\\s+)?([^\\s"'\\\\&,;]+)`,
  "gi",
);
/** `Basic authentication` is no credential, and base64 is hardly ever a word. */
const behindScheme =
  /\b([Bb]asic|BASIC|[Bb]earer|BEARER)(\s+)(?![A-Za-z]?[a-z]+(?![\w+/.~=-]))[\w+/.~-]{8,}=*/g;

/**
 * Makes a function that replaces every known secret, however it is written (see `compileSecrets`), and whatever stands where
 * a secret does (credentials in a URL, `Auth-Key: …`, `token=…`), by `[redacted]`. Values of fewer than four characters are
 * only found by what stands around them.
 */
export function createRedactor(secrets: Iterable<string>): Redact {
  const values = new Set(secrets);
  const known = compileSecrets(values);

  return (text) =>
    (known === undefined ? text : text.replaceAll(known, redacted))
      .replaceAll(inMongoUri, `$1${redacted}@`)
      .replaceAll(inUrl, `$1${redacted}@`)
      .replaceAll(behindName, (all: string, name: string, sign: string, scheme = "", value = "") =>
        !values.has(value) && isProse(name, sign, value) ? all : `${name}${sign}${scheme}${redacted}`,
      )
      .replaceAll(behindScheme, `$1$2${redacted}`);
}

/** Takes secrets out of one text; `createRedactor` prepares it for many. */
export function redactSecrets(text: string, secrets: Iterable<string> = []): string {
  return createRedactor(secrets)(text);
}

/** `refuses the password: check it`, `THREATFOX_API_KEY: it is not set`, `MITRE_TOKEN=…`: no value, but a sentence or a gap. */
function isProse(name: string, sign: string, value: string): boolean {
  if (/^(?:…|\.\.\.|<[^>]*>)/.test(value)) {
    return true;
  }
  const canBeWord = /^(?:token|passw(?:or)?d|secret)$/i.test(name) || name === name.toUpperCase();
  return canBeWord && /^:\s+$/.test(sign) && /^(?:[a-z]+|[A-Z]+(?:_[A-Z]+)+)[.!?)]*$/.test(value);
}

/** Takes secrets out of every text inside a JSON value, names of fields included; a field named like a secret loses its value. */
export function redactFields(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") {
    return redact(value);
  }
  if (typeof value === "number") {
    return redact(String(value)) === String(value) ? value : redacted;
  }
  if (Array.isArray(value)) {
    return value.map((item) => redactFields(item, redact));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        redact(name),
        isSecretName(name) ? redacted : redactFields(field, redact),
      ]),
    );
  }
  return value;
}
