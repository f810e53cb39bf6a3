import { oneLine } from "@cti-connectors/core";
import type { Change, ChangedField } from "@cti-connectors/mitre-taxii";
import { type ChangeObject, diffSentences, diffWordsWithSpace } from "diff";

/** How a property changed, for people. All texts but those of kind `text` are on one line. */
export type PropertyChange =
  | { readonly kind: "text"; readonly name: string; readonly before: string; readonly after: string }
  | {
      readonly kind: "value";
      readonly name: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
    }
  | {
      readonly kind: "list";
      readonly name: string;
      readonly added: readonly string[];
      readonly removed: readonly string[];
    };

/** Left out: the class says the first two, and the third is the version of the format. */
const leftOut: ReadonlySet<string> = new Set([
  "revoked",
  "x_mitre_deprecated",
  "x_mitre_attack_spec_version",
]);
/** Texts from this length on are compared by words and sentences. */
const longText = 60;
const longestValue = 400;

/** What changed in an object, by property. */
export function describeFields({ fields = [] }: Change): readonly PropertyChange[] {
  return fields
    .filter(({ name }) => !leftOut.has(name))
    .map(describeField)
    .filter((field) => field.kind !== "value" || field.before !== field.after);
}

function describeField({ name: property, before, after }: ChangedField): PropertyChange {
  const name = oneLine(property.replace(/^x_mitre_/, "").replaceAll("_", " "));
  if (Array.isArray(before ?? []) && Array.isArray(after ?? [])) {
    const [older, newer] = [before, after].map((list) => (Array.isArray(list) ? list.map(spell) : []));
    return { kind: "list", name, added: without(newer, older), removed: without(older, newer) };
  }
  if (
    typeof before === "string" &&
    typeof after === "string" &&
    Math.max(before.length, after.length) > longText
  ) {
    return { kind: "text", name, before: clean(before), after: clean(after) };
  }
  const [older, newer] = [before, after].map((value) =>
    value === undefined || value === "" ? undefined : spell(value),
  );
  return { kind: "value", name, before: older, after: newer };
}

/** Without what steers a terminal; line breaks are kept. */
function clean(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => oneLine(line))
    .join("\n");
}

function without(items: readonly string[] = [], others: readonly string[] = []): readonly string[] {
  const known = new Set(others);
  return [...new Set(items)].filter((item) => !known.has(item));
}

/** `source_name: Mandiant, url: https://…` of an object. */
function spell(value: unknown): string {
  const text =
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value)
          .map(([key, part]) => `${key}: ${typeof part === "string" ? part : JSON.stringify(part)}`)
          .join(", ")
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  return oneLine(text, longestValue);
}

/** A part of two texts: in both, or in one of them. */
export interface TextPart {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** More differences than this are shown as one text in place of another. Keeps texts without a word in common from taking seconds. */
const mostEdits = 2_000;
/** What is the same is shown this far around a difference. */
const context = 80;

/** Which sentences were added and removed. */
export function compareSentences(before: string, after: string): readonly TextPart[] {
  return toParts(diffSentences(before, after, { maxEditLength: mostEdits }), before, after);
}

/** Which words were added and removed. */
export function compareWords(before: string, after: string): readonly TextPart[] {
  return toParts(diffWordsWithSpace(before, after, { maxEditLength: mostEdits }), before, after);
}

function toParts(
  found: readonly ChangeObject<string>[] | undefined,
  before: string,
  after: string,
): readonly TextPart[] {
  if (found === undefined) {
    return [
      { kind: "removed", text: before },
      { kind: "added", text: after },
    ];
  }
  return found.map(({ added, removed, value }, index) =>
    added || removed
      ? { kind: added ? "added" : "removed", text: value }
      : { kind: "same", text: shorten(value, index === 0, index === found.length - 1) },
  );
}

/** Leaves out what is far from a difference. */
function shorten(text: string, isFirst: boolean, isLast: boolean): string {
  const characters = Array.from(text);
  const head = isFirst ? "" : characters.slice(0, context).join("");
  const tail = isLast ? "" : characters.slice(-context).join("");
  return characters.length <= 2 * context ? text : `${head} … ${tail}`;
}
