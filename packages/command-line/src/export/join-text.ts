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
