/**
 * Undoes what people do to indicators so that no program makes a link of them: `hxxp`, `fxp`, `[.]`, `(.)`, `{.}`, `[.`, `.]`, `[dot]`, `[:]`,
 * `[://]`, `[at]`, `\.`, and quotation marks or brackets around the whole. Without the full stop or comma at its end, unless it is a URL: that
 * may end so. Text that is not defanged stays as it is.
 */
export function refang(text: string): string {
  const plain = unwrap(text.trim())
    .replace(/^h(?:xx|\*\*)p(s?)(?=\W)/iu, "http$1")
    .replace(/^f(?:x|\*)p(s?)(?=\W)/iu, "ftp$1")
    .replaceAll(/\s*(?:[[({]\s*(?:\.|dot)\s*[\])}])\s*/giu, ".")
    .replaceAll(/(?<=[\p{L}\p{N}-])(?:[[({]\.|\.[\])}])(?=[\p{L}\p{N}])/gu, ".")
    .replaceAll(/\s*(?:[[({]\s*(?:@|at)\s*[\])}])\s*/giu, "@")
    .replaceAll(/[[({](:\/{0,2}|\/{1,2})[\])}]/gu, "$1")
    .replaceAll(/\\([.:/])/gu, "$1");
  return plain.includes("://") ? plain : plain.replace(/[.,;]$/u, "");
}

const wrappings: readonly (readonly [string, string])[] = [
  ["<", ">"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "”"],
  ["(", ")"],
  ["[", "]"],
];

function unwrap(text: string): string {
  for (const [open, close] of wrappings) {
    if (text.length > 1 && text.startsWith(open) && text.endsWith(close)) {
      return text.slice(open.length, -close.length).trim();
    }
  }
  return text;
}
