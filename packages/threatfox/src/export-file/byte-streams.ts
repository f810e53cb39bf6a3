import { pipeline, type Transform } from "node:stream";
import { decodeUtf8 } from "@cti-connectors/core";

/**
 * What comes out of a transform stream. Nothing is read ahead beyond its buffers; where the reader stops, or the source
 * fails, both ends are closed.
 *
 * @throws what the source and the transform throw
 */
export async function* pipeThrough<Out>(
  chunks: AsyncIterable<Buffer>,
  transform: Transform,
): AsyncGenerator<Out> {
  pipeline(chunks, transform, () => {
    // Whoever reads from the transform is thrown the error, too.
  });
  yield* transform;
}

/** Passes chunks on, and adds their lengths to `bytes.read` as they are taken. */
export async function* countBytes(
  chunks: AsyncIterable<Buffer>,
  bytes: { read: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    bytes.read += chunk.length;
    yield chunk;
  }
}

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
