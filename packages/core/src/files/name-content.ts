/** Other forms than plain or gzipped JSON, by the bytes that a file in them begins with, in hexadecimal. */
const forms: readonly (readonly [start: string, name: string, remedy: string])[] = [
  ["504b0304", "a zip archive", "unpack it"],
  ["504b0506", "a zip archive", "unpack it"],
  ["377abcaf", "a 7-Zip archive", "unpack it"],
  ["425a68", "compressed with bzip2", "unpack it"],
  ["fd377a585a", "compressed with xz", "unpack it"],
  ["28b52ffd", "compressed with zstd", "unpack it"],
  ["fffe", "UTF-16 text", "save it as UTF-8"],
  ["feff", "UTF-16 text", "save it as UTF-8"],
  ["25504446", "a PDF", "fetch the data itself"],
];

/** What a file holds, and what to do with it. */
export interface NamedContent {
  /** E.g. `a zip archive`. */
  readonly name: string;
  /** E.g. `unpack it`. */
  readonly remedy: string;
}

/**
 * Recognises a file that is not JSON by its first bytes.
 *
 * @returns undefined where it may be JSON or another text
 */
export function nameContent(start: Uint8Array): NamedContent | undefined {
  const bytes = Buffer.from(start.subarray(0, 64));
  const hex = bytes.toString("hex");
  const [, name, remedy] = forms.find(([known]) => hex.startsWith(known)) ?? [];
  if (name !== undefined && remedy !== undefined) {
    return { name, remedy };
  }
  if (bytes.subarray(0, 2).includes(0) && bytes.length > 1) {
    return { name: "UTF-16 text, or no text", remedy: "save it as UTF-8" };
  }
  return /^(?:\u00EF\u00BB\u00BF)?\s*</u.test(bytes.toString("latin1"))
    ? { name: "a web page, or XML", remedy: "fetch the data itself" }
    : undefined;
}
