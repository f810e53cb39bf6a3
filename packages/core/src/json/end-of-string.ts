const backslash = 0x5c;

/**
 * Where a string of a JSON text ends.
 *
 * @param start index of its first quotation mark
 * @returns index of its last quotation mark, or -1 if the text ends before
 */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) {
      escapes += 1;
    }
    if (escapes % 2 === 0) {
      return at;
    }
  }
  return -1;
}
