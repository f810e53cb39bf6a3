/** ATT&CK's Markdown as the Navigator shows it: without citations, and links as their text. */
export function toPlainText(markdown: string): string {
  return markdown
    .replaceAll(/\s*\(Citation: (?:[^()]|\([^()]*\))*\)/g, "")
    .replaceAll(/\[([^\]]*)\]\([^()\s]*\)/g, "$1")
    .replaceAll(/<\/?code>|`/g, "")
    .trim();
}
