import { ReadableStream } from "node:stream/web";
import type { WorkLimit } from "./limit-work.js";

/** Pieces are sent together until they have this many characters. */
const chunkLength = 64 * 1024;

/**
 * An answer whose body is many small texts. They are read while they are sent, and no further if the client hangs up. Two chunks are
 * read ahead: a short body comes with its length, and what fails at its beginning fails before there is an answer. What fails later
 * cuts the body.
 *
 * @param limit for what is read after the answer has begun
 * @param onFault is told why: the error that cuts the body may end in the log of the HTTP server, and says nothing
 */
export async function sendPieces(
  pieces: AsyncIterable<string>,
  headers: Readonly<Record<string, string>>,
  { limit, onFault }: { readonly limit: WorkLimit; readonly onFault: (error: unknown) => void },
): Promise<Response> {
  const chunks = joinPieces(pieces);
  const [first, second] = [await chunks.next(), await chunks.next()];
  if (first.done || second.done) {
    return new Response(first.value ?? "", { headers });
  }
  const ahead = [first.value, second.value];
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const text = ahead.shift() ?? (await limit.run(() => chunks.next())).value;
          if (text === undefined) {
            controller.close();
          } else {
            controller.enqueue(encoder.encode(text));
          }
        } catch (error) {
          onFault(error);
          controller.error(new Error("the rest of a page could not be read"));
        }
      },
      async cancel() {
        await chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

async function* joinPieces(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let text = "";
  for await (const piece of pieces) {
    text += piece;
    if (text.length >= chunkLength) {
      yield text;
      text = "";
    }
  }
  yield text;
}
