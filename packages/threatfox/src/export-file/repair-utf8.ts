/**
 * The same text in UTF-8, with U+FFFD in the place of bytes that are none: a character that another program damaged is no reason to lose
 * the rest of an export. Chunks may end within a character.
 */
export async function* repairUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const chunk of chunks) {
    yield Buffer.from(decoder.decode(chunk, { stream: true }));
  }
  yield Buffer.from(decoder.decode());
}
