/**
 * Whether a text is what a pattern with `*` (anything) and `?` (one character) describes; case does not count. Takes at most time in
 * proportion to the product of both lengths: on a mismatch only the last star takes up one more character.
 */
export function matchGlob(pattern: string, text: string): boolean {
  const glob = [...pattern.toLowerCase()];
  const characters = [...text.toLowerCase()];
  let [at, star, taken] = [0, -1, 0];
  for (let position = 0; position < characters.length; ) {
    const expected = glob[at];
    if (expected === "*") {
      [star, taken] = [at, position];
      at += 1;
    } else if (expected === "?" || (expected !== undefined && expected === characters[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      taken += 1;
      [at, position] = [star + 1, taken];
    } else {
      return false;
    }
  }
  return glob.slice(at).every((character) => character === "*");
}
