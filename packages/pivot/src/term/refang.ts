/**
 * Undoes what people do to indicators so that no program makes a link of them, and what comes along when they are copied. Text that is not
 * defanged stays as it is.
 *
 * - Schemes: `hxxp`, `hXXps`, `h**p`, `xxxx`, `ttp`, `meow`, `fxp`, `hxxp[s]`, `[http]`; `[:]//`, `[://]`, `:[//]`, `:\\`, `__`.
 * - Dots: `[.]`, `(.)`, `{.}`, `<.>`, `[,]`, `[.`, `.]`, `[dot]`, `[d]`, `\.`, `^.`, ` dot `, full-width dots; commas in an IPv4 address.
 * - `[at]`, `(@)`, ` at `; `[/]`, `[-]`, `[www]`; escapes of Markdown and JSON.
 * - Around the whole: quotation marks, brackets, a bullet, a full stop or comma at the end; invisible characters.
 *
 * The forms are those that iocextract, ioc-fanger and CyberChef read (https://pypi.org/project/iocextract/, https://pypi.org/project/ioc-fanger/,
 * https://github.com/gchq/CyberChef).
 *
 * @returns the texts that it can stand for, the likeliest first. Several only for a URL: its path may have brackets of its own, and it may end
 *   with a full stop
 */
export function refang(text: string): readonly [string, ...string[]] {
  const bare = unwrap(text.replaceAll(invisible, "").trim().replace(bullet, ""));
  const url = splitScheme(bare);
  return url === undefined ? [refangHost(bare)] : refangUrl(bare, url);
}

/** Soft hyphen, zero-width characters, and marks for the direction of writing. */
const invisible = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/gu;
const bullet = /^[-*•–]\s+/u;

const wrappings: readonly (readonly [string, string])[] = [
  ["<", ">"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "”"],
  ["„", "“"],
  ["‘", "’"],
  ["«", "»"],
  ["(", ")"],
  ["[", "]"],
];

/** Without quotation marks and brackets around the whole, also if a comma follows. */
function unwrap(text: string): string {
  const withoutEnd = text.replace(/[.,;:!?]+$/u, "");
  for (const [open, close] of wrappings) {
    for (const wrapped of [text, withoutEnd]) {
      const inside = wrapped.slice(open.length, -close.length);
      if (wrapped === open + inside + close && !closesFirst(inside, open, close)) {
        return unwrap(inside.trim());
      }
    }
  }
  return text;
}

/** As in `:][:`, which is left of `[:][:]`. */
function closesFirst(inside: string, open: string, close: string): boolean {
  return open !== close && inside.split(open, 1).join().includes(close);
}

interface SplitUrl {
  /** As programs spell it. */
  readonly scheme: string;
  /** What follows `://`. */
  readonly rest: string;
}

const schemeAndRest =
  /^(?<scheme>[a-z[({][a-z0-9+.*()[\]{}-]*?)\s{0,3}(?:[[({]?\s{0,3}[:：]\s{0,3}[\])}]?\s{0,3}(?:[[({]?\\?[/／][\])}]?){2}|:\\\\|(?<line>__))\s*(?<rest>.*)$/isu;

function splitScheme(text: string): SplitUrl | undefined {
  const { scheme: raw = "", line, rest = "" } = schemeAndRest.exec(text)?.groups ?? {};
  const scheme = raw
    .replaceAll(/[[\](){}]/gu, "")
    .replace(/^(?:h[tx*]{2}p|h?xxp|xxxx|ttp|meow)(s?)$/iu, "http$1")
    .replace(/^f[tx*]p(s?)$/iu, "ftp$1");
  const isScheme = line === undefined ? /^[a-z][a-z0-9+.-]*$/iu : /^(?:http|ftp)s?$/u;
  return isScheme.test(scheme) ? { scheme, rest } : undefined;
}

function refangUrl(bare: string, { scheme, rest }: SplitUrl): readonly [string, ...string[]] {
  // Browsers skip more slashes before the host.
  const [, host = "", path = ""] = /^([/\\]*[^/?#\\]*)(.*)$/su.exec(rest) ?? [];
  const urls = [
    `${scheme}://${joinWords(undo(rest)).replace(/^[^/?#]*/u, spellDots)}`,
    `${scheme}://${spellDots(undo(host))}${path}`,
    bare,
  ] as const;
  const ended = urls.map((url) => url.replace(/[.,;:!?'"`”’)\]}>]+$/u, ""));
  return [urls[0], ...new Set([...urls, ...ended].filter((url) => url !== urls[0]))];
}

function refangHost(bare: string): string {
  const plain = joinWords(spellDots(undo(bare)))
    .replace(/(?:[.,;!?]|(?<!:):)+$/u, "")
    .replace(/^(?:\d{1,3},){3}\d{1,3}$/u, (address) => address.replaceAll(",", "."));
  return withoutOpenWrapping(plain);
}

const bracketedDot = bracketed("[.,]|dot|punto|punkt");
const bracketedAt = bracketed("@|at");
const bracketedOther = /[[({](:?\/{0,2}|-|www)[\])}]/giu;

/** With the spaces around it. Each run of spaces is tried once: a line of a batch can have many. */
function bracketed(inside: string): RegExp {
  return new RegExp(`(?<!\\s)\\s*[[({<]\\s{0,3}(?:${inside})\\s{0,3}[\\])}>]\\s*`, "giu");
}

function undo(text: string): string {
  return text
    .replaceAll(/\\(?=[[\](){}.:/@_-])|(?<=[\p{L}\p{N}])\^(?=\.[\p{L}\p{N}])/gu, "")
    .replaceAll(bracketedDot, ".")
    .replaceAll(/(?<=[\p{L}\p{N}])[[({]d[\])}](?=[\p{L}\p{N}])/giu, ".")
    .replaceAll(/(?<=[\p{L}\p{N}-])(?:[[({]\.|\.[\])}])(?=[\p{L}\p{N}])/gu, ".")
    .replaceAll(bracketedAt, "@")
    .replaceAll(bracketedOther, "$1");
}

/** A host or a name with one kind of dot, and no spaces around it. */
function spellDots(text: string): string {
  return text
    .normalize("NFKC")
    .replaceAll("。", ".")
    .replaceAll(/(?<!\s)\s*\.\s*/gu, ".")
    .trim();
}

/** `m at mail dot example`, but no sentence. */
function joinWords(text: string): string {
  if (!/^\S+(?:\s+(?:dot|at)\s+\S+)+$/iu.test(text)) {
    return text;
  }
  const joined = text.replaceAll(/\s+dot\s+/giu, ".").replaceAll(/\s+at\s+/giu, "@");
  return joined.includes(".") ? joined : text;
}

/** What was copied with only one of two quotation marks or brackets. */
function withoutOpenWrapping(text: string): string {
  return wrappings.reduce((plain, [open, close]) => {
    const isOpened = plain.startsWith(open) && !plain.slice(open.length).includes(close);
    const isClosed = plain.endsWith(close) && !plain.slice(0, -close.length).includes(open);
    return plain.slice(isOpened ? open.length : 0, isClosed && !isOpened ? -close.length : undefined);
  }, text);
}
