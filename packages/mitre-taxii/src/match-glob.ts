/** Whether a text is what a pattern with `*` (anything) and `?` (one character) describes; case does not count. */
export function matchGlob(pattern: string, text: string): boolean {
  const source = pattern
    .split("")
    .map((character) => {
      if (character === "*") return ".*";
      if (character === "?") return ".";
      return character.replace(/[\\^$+.()|[\]{}]/, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`, "isu").test(text);
}
