/** Where nobody knows how wide it is, as in a file. */
const usualWidth = 80;

/** How many characters fit on a line of this stream. */
export function widthFor({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns <= 0 ? usualWidth : columns;
}

/** Puts parts behind each other, separated by commas, on as many lines as they need. A part stays whole. */
export function joinToWidth(parts: readonly string[], width: number): string[] {
  return fillLines(separate(parts), width);
}

/** As `joinToWidth`, but a part that is longer than a line, such as a list of aliases, continues on the next one. */
export function fitToWidth(parts: readonly string[], width: number): string[] {
  return fillLines(
    separate(parts).flatMap((part) => (part.length > width ? wordsOf(part) : part)),
    width,
  );
}

/** Puts the words of a text on as many lines as they need. */
export function wrapWords(text: string, width: number): string[] {
  return fillLines(wordsOf(text), width);
}

function separate(parts: readonly string[]): string[] {
  return parts.map((part, index) => (index < parts.length - 1 ? `${part},` : part));
}

function wordsOf(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function fillLines(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= width) {
      lines[lines.length - 1] = `${last} ${part}`;
    } else {
      lines.push(part);
    }
  }
  return lines;
}

/** Lines that start some characters further right. */
export function indent(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => `${" ".repeat(by)}${line}`);
}
