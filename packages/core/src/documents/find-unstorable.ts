import type { LoadDocument } from "../connector/connector.js";
import { shortenText } from "../text/shorten-text.js";

/** MongoDB's own limit (manual, "MongoDB Limits and Thresholds": nested depth for BSON documents). */
const deepestLevel = 100;
/** Of the name of a field, in a reason. */
const longestPath = 80;

/**
 * Says why MongoDB cannot hold a document as it is, or undefined where it can. Past these checks the driver would
 * alter it silently (half of a surrogate pair, an invalid date), or the server refuse the whole batch (depth).
 *
 * @param text canonical JSON of the content, which shows half surrogate pairs as escapes
 */
export function findUnstorable(document: LoadDocument, text: string): string | undefined {
  if (document._id === "") {
    return "its _id is empty";
  }
  if (!isWellFormed(document._id) || hasLoneSurrogate(text)) {
    return "a text in it holds half of a surrogate pair, which UTF-8 cannot express";
  }
  return findIn(document.data, "data", 2) ?? findIn(document.enriched, "enriched", 2);
}

function findIn(value: unknown, path: string, level: number): string | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  if (level > deepestLevel) {
    return `${shortenText(path, longestPath)} is nested deeper than the ${deepestLevel} levels that MongoDB holds`;
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? `${shortenText(path, longestPath)} is an invalid date` : undefined;
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index];
      if (typeof item === "object" && item !== null) {
        const found = findIn(item, `${path}.${index}`, level + 1);
        if (found !== undefined) {
          return found;
        }
      }
    }
    return undefined;
  }
  for (const [name, field] of Object.entries(value)) {
    if (name.includes("\0")) {
      return `${shortenText(path, longestPath)} has a field whose name holds a null character`;
    }
    if (typeof field === "object" && field !== null) {
      const found = findIn(field, `${path}.${name}`, level + 1);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

/** JSON escapes a lone surrogate as `\ud800`; a backslash of the text itself is escaped too and comes in pairs. */
function hasLoneSurrogate(json: string): boolean {
  return json.includes("\\ud") && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(json);
}

/** In Unicode mode `Surrogate` matches only halves that stand alone. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
