import { pipeline, type Transform } from "node:stream";

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
