import { decodeUtf8 } from "@cti-connectors/core";

/** A chunk that was read already, and what comes behind it. */
export async function* continueWith(start: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield start;
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

/** The same text in UTF-8, with U+FFFD in the place of invalid bytes. */
export async function* repairUtf8(
  chunks: AsyncIterable<Buffer>,
  encoding: { isUtf8: boolean },
): AsyncGenerator<Buffer> {
  for await (const { text, isUtf8 } of decodeUtf8(chunks)) {
    encoding.isUtf8 = isUtf8;
    yield Buffer.from(text);
  }
}
