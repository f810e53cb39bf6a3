/**
 * A text of at most so many characters, the last of them an ellipsis where something was cut off. No character outside the basic plane is cut
 * in two, since half of one is no text.
 */
export function shortenText(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/\p{Surrogate}$/u, "")}…`;
}
