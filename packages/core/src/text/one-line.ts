/** A text as it may stand in a line: what an upstream sent must neither start a line nor steer the terminal. */
export function oneLine(text: string, longest = Number.POSITIVE_INFINITY): string {
  return shortenText(text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " "), longest);
}

/**
 * Shortens a text to a number of characters, with an ellipsis at the end if something was cut off. No character outside the basic plane is cut
 * in two, since half of one is no text.
 */
export function shortenText(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/\p{Surrogate}$/u, "")}…`;
}

const longestUrl = 200;

/**
 * A URL of at most 200 characters for a message, so that what happened is not lost behind a list of a hundred ids. It ends
 * between two parts of its path or its query, never inside one, because half a secret is not recognised as a secret any more.
 */
export function shortenUrl(url: string): string {
  if (url.length <= longestUrl) {
    return url;
  }
  const start = url.slice(0, longestUrl - 1);
  const [whole = ""] = /^.*(?:[/?&=,]|%2C)/is.exec(start) ?? [];
  return `${whole}…`;
}

/** The same for every URL in a text. */
export function shortenUrls(text: string): string {
  return text.replaceAll(/https?:\/\/[^\s"'<>]+/gi, (url) => {
    const [, address = "", end = ""] = /^(.*?)([).,:;]*)$/s.exec(url) ?? [];
    return `${shortenUrl(address)}${end}`;
  });
}
