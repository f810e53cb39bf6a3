const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const openBrace = 0x7b;

/**
 * About how much memory the values of a JSON text take once it is parsed: one for each value, and two more for each object and list.
 * Twenty million empty lists fit into 60 MB of text, and take a gigabyte.
 *
 * @param most it stops counting there
 */
export function weighJson(text: string, most: number): number {
  let weight = 0;
  for (let at = 0; at < text.length && weight <= most; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
    } else if (code === comma) {
      weight += 1;
    } else if (code === openBracket || code === openBrace) {
      weight += 2;
    }
  }
  return weight;
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) {
      escapes += 1;
    }
    if (escapes % 2 === 0) {
      return at;
    }
  }
  return text.length;
}
