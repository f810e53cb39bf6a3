import { ReadableStream } from "node:stream/web";

/** Pieces are sent together until they have this many characters. */
const chunkLength = 64 * 1024;

/**
 * A body of many small texts. It is written while they are read, unless it is short: what fails at its beginning fails before an
 * answer is sent.
 */
export async function sendPieces(
  pieces: AsyncIterable<string>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const chunks = joinPieces(pieces);
  const first = await chunks.next();
  const second = await chunks.next();
  if (first.done || second.done) {
    return new Response(first.value ?? "", { headers });
  }
  const rest = async function* () {
    yield encode(first.value);
    yield encode(second.value);
    for await (const chunk of chunks) {
      yield encode(chunk);
    }
  };
  return new Response(ReadableStream.from(rest()), { headers });
}

const encoder = new TextEncoder();
const encode = (text: string) => encoder.encode(text);

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
