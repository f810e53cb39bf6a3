/** Where nobody knows how wide it is, as in a file. */
const usualWidth = 80;

/** How many characters fit on a line of this stream. */
export function widthFor({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns <= 0 ? usualWidth : columns;
}

/** Puts parts behind each other, separated by commas, on as many lines as they need. A part stays whole. */
export function joinToWidth(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = index < parts.length - 1 ? `${part},` : part;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= width) {
      lines[lines.length - 1] = `${last} ${text}`;
    } else {
      lines.push(text);
    }
  }
  return lines;
}
