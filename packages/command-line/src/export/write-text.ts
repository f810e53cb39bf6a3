import { pipeline } from "node:stream/promises";
import { errorCodeOf, inBlocks } from "@cti-connectors/core";

/** Joins small pieces of text to pieces that are worth a system call each. What has come is passed on when the rest takes longer. */
export async function* joinText(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  const blocks = { most: 64 * 1024, sizeOf: ({ length }: string) => length, wait: 50 };
  for await (const block of inBlocks(pieces, blocks)) {
    yield block.join("");
  }
}

/**
 * Writes to standard output, as fast as it is read.
 *
 * @returns false if the reader stopped reading, as `| head` does
 * @throws what `text` throws, or the signal's reason
 */
export async function writeToStdout(text: AsyncIterable<string>, signal: AbortSignal): Promise<boolean> {
  try {
    await pipeline(text, process.stdout, { signal, end: false });
    return true;
  } catch (error) {
    if (errorCodeOf(error) === "EPIPE") {
      return false;
    }
    throw error;
  }
}
