import { endOfString } from "./end-of-string.js";

const quote = 0x22;
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
      const end = endOfString(text, at);
      at = end === -1 ? text.length : end;
    } else if (code === comma) {
      weight += 1;
    } else if (code === openBracket || code === openBrace) {
      weight += 2;
    }
  }
  return weight;
}
