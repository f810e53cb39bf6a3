import { configure } from "safe-stable-stringify";

const stringify = configure({ deterministic: true });

/**
 * JSON with the keys of each object in order, or "" for what JSON does not have, as undefined.
 *
 * It writes plain JSON and dates itself, in three quarters of the time of safe-stable-stringify, and leaves everything else to that.
 */
export function canonicalText(value: unknown): string {
  return write(value, { tagsDates: false, ancestors: [] }) ?? "";
}

/** The same with dates as `{"$date":1764547200000}`: a date is another value than the text that it is written as. */
export function canonicalTextWithDates(value: unknown): string {
  return write(value, { tagsDates: true, ancestors: [] }) ?? "";
}

interface Writing {
  readonly tagsDates: boolean;
  /** The objects and lists that hold the value. */
  readonly ancestors: object[];
}

/** MongoDB stores nothing that is nested deeper. */
const deepest = 100;

function write(value: unknown, writing: Writing): string | undefined {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : writePart(value, writing);
    default:
      return stringify(value);
  }
}

function writePart(value: object, writing: Writing): string | undefined {
  const { tagsDates, ancestors } = writing;
  if (tagsDates && value instanceof Date) {
    return `{"$date":${write(value.getTime(), writing)}}`;
  }
  if (ancestors.length > deepest || !isPlain(value)) {
    return stringify(tagsDates ? tagDates(value) : value);
  }
  if (ancestors.includes(value)) {
    return '"[Circular]"';
  }
  ancestors.push(value);
  const text = Array.isArray(value) ? writeList(value, writing) : writeObject(value, writing);
  ancestors.pop();
  return text;
}

function writeList(list: readonly unknown[], writing: Writing): string {
  let text = "";
  for (let index = 0; index < list.length; index += 1) {
    text += `${index === 0 ? "" : ","}${write(list[index], writing) ?? "null"}`;
  }
  return `[${text}]`;
}

function writeObject(object: Plain, writing: Writing): string {
  let text = "";
  for (const name of sortedNames(object)) {
    const field = write(object[name], writing);
    if (field !== undefined) {
      text += `${text === "" ? "" : ","}${quote(name)}:${field}`;
    }
  }
  return `{${text}}`;
}

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: object): value is Plain {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === Array.prototype) && !("toJSON" in value);
}

const fewNames = 200;

/** By insertion where they are few, as objects have them: `sort` takes three times as long. */
function sortedNames(object: Plain): readonly string[] {
  const names = Object.keys(object);
  if (names.length > fewNames) {
    return names.sort();
  }
  for (let index = 1; index < names.length; index += 1) {
    const name = names[index] ?? "";
    let at = index;
    for (; at > 0 && (names[at - 1] ?? "") > name; at -= 1) {
      names[at] = names[at - 1] ?? "";
    }
    names[at] = name;
  }
  return names;
}

/** Quotation marks, backslashes and control characters, which JSON escapes, and halves of surrogate pairs, some of which it escapes. */
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

function quote(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function tagDates(value: unknown): unknown {
  if (value instanceof Date) {
    return { $date: value.getTime() };
  }
  if (Array.isArray(value)) {
    return value.map(tagDates);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, tagDates(field)]))
    : value;
}
