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
