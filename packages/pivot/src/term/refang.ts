/**
 * Undoes what people do to indicators so that no program makes a link of them: `hxxp`, `fxp`, `[.]`, `(.)`, `{.}`, `[dot]`, `[:]`, `[://]`,
 * `[at]`, `\.`, and quotation marks, angle brackets or a full stop around the whole. Text that is not defanged stays as it is.
 */
export function refang(text: string): string {
  return unwrap(text.trim())
    .replace(/^h(?:xx|\*\*)p(s?)(?=\W)/iu, "http$1")
    .replace(/^f(?:x|\*)p(s?)(?=\W)/iu, "ftp$1")
    .replaceAll(/\s*(?:[[({]\s*(?:\.|dot)\s*[\])}])\s*/giu, ".")
    .replaceAll(/\s*(?:[[({]\s*(?:@|at)\s*[\])}])\s*/giu, "@")
    .replaceAll(/[[({](:\/{0,2}|\/{1,2})[\])}]/gu, "$1")
    .replaceAll(/\\([.:/])/gu, "$1");
}

const wrappings: readonly (readonly [string, string])[] = [
  ["<", ">"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "”"],
];

function unwrap(text: string): string {
  for (const [open, close] of wrappings) {
    if (text.length > 1 && text.startsWith(open) && text.endsWith(close)) {
      return text.slice(open.length, -close.length).trim();
    }
  }
  return text;
}
