/**
 * A text of an upstream as it may stand in a line on a terminal: it starts no line, moves no cursor, and turns no text
 * around.
 *
 * @param longest how many UTF-16 code units are shown; absent: all
 */
export function oneLine(text: string, longest = Number.POSITIVE_INFINITY): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  return line.length <= longest ? line : `${line.slice(0, longest - 1).replace(/\p{Surrogate}$/u, "")}…`;
}
