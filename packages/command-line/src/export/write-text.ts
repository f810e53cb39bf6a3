import { pipeline } from "node:stream/promises";
import { errorCodeOf } from "@cti-connectors/core";

const characters = 64 * 1024;

/** Joins small pieces of text to pieces that are worth a system call each. */
export async function* joinText(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let joined = "";
  for await (const piece of pieces) {
    joined += piece;
    if (joined.length >= characters) {
      yield joined;
      joined = "";
    }
  }
  yield joined;
}

/**
 * Writes to standard output, as fast as it is read.
 *
 * @returns false where whoever reads it stopped reading, as `| head` does
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
