import { open } from "node:fs/promises";
import { pipeline, type Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { isDecompressionBomb } from "./decompression-bomb.js";
import { FileContentError } from "./file-content-error.js";

const chunkBytes = 65_536;

/**
 * The first two bytes of a file, which tell how it is compressed; fewer if it is shorter.
 *
 * @throws what the file system throws
 */
export async function readStart(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Whether these first bytes of a file are those of gzip (RFC 1952, section 2.3.1). */
export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/**
 * Unpacks gzip, in chunks of at most 64 KiB.
 *
 * @param packed counts the bytes that were taken from `chunks`
 * @throws FileContentError at a decompression bomb: a gzip file does not say beforehand how long it becomes
 * @throws errors of `node:zlib`; `explainFileContent` explains them
 */
export async function* unpackGzip(
  chunks: AsyncIterable<Buffer>,
  packed: { readonly read: number },
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of pipeThrough<Buffer>(chunks, createGunzip({ chunkSize: chunkBytes }))) {
    bytes += chunk.length;
    if (isDecompressionBomb(packed.read, bytes)) {
      throw new FileContentError(
        `it unpacks to ${bytes} bytes or more: this looks like a decompression bomb`,
      );
    }
    yield chunk;
  }
}

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
    // The reader of the transform gets the error, too.
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
