import { jsonIn } from "../json/json.js";
import { oneLine, shortenText } from "../text/one-line.js";

const longestText = 300;
const longestPart = 200;
/** What is longer is no error message, and parsing it may take any amount of memory. */
const longestMessage = 100_000;
/** Where servers put what went wrong: TAXII, RFC 9457, OAuth, abuse.ch, and the frameworks that most of them are written with. */
const fields = [
  "title",
  "error",
  "error_description",
  "message",
  "msg",
  "detail",
  "description",
  "reason",
  "errors",
];
const deepestNesting = 3;

/**
 * Finds the words in which a server says what went wrong: in a JSON error message of any usual form, in a web page, or the text itself.
 *
 * @returns one line of at most 300 characters; undefined if the body is empty, or JSON without an error message or too long for one
 */
export function findErrorText(body: string): string | undefined {
  const start = body.slice(0, 10_000).trimStart();
  if (start.startsWith("<")) {
    return nonEmpty(textOfPage(start));
  }
  if (!/^[{["]/.test(start)) {
    return nonEmpty(lineOf(start, longestPart));
  }
  return body.length > longestMessage ? undefined : errorTextOf(jsonIn(body) ?? start);
}

/** The same for JSON that has been parsed. */
export function errorTextOf(json: unknown): string | undefined {
  const parts = [...new Set(partsOf(json, 0))].filter(
    (part, index, all) => !all.some((other, at) => at !== index && other.includes(part)),
  );
  return nonEmpty(lineOf(parts.join(": "), longestText));
}

function partsOf(json: unknown, depth: number): string[] {
  if (typeof json === "string") {
    return [lineOf(json, longestPart)].filter((part) => part !== "");
  }
  if (typeof json !== "object" || json === null || depth > deepestNesting) {
    return [];
  }
  if (Array.isArray(json)) {
    return json.slice(0, 3).flatMap((entry) => partsOf(entry, depth + 1));
  }
  const entries = new Map(Object.entries(json));
  return fields.flatMap((field) => partsOf(entries.get(field), depth + 1));
}

/** Its title, or what can be read on it. */
function textOfPage(html: string): string {
  const title = /<title[^>]*>([^<]{1,300})<\/title/i.exec(html)?.[1] ?? "";
  const visible = html
    .replaceAll(/<(script|style)\b[^>]*>.*?<\/\1>/gis, " ")
    .replaceAll(/<[^>]{0,1000}>?/g, " ");
  return lineOf(/\S/.test(title) ? title : visible, longestPart);
}

function lineOf(text: string, longest: number): string {
  return shortenText(oneLine(text.slice(0, 10 * longest)).trim(), longest);
}

function nonEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}
