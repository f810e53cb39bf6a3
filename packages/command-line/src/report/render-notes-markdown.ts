import { oneLine } from "@cti-connectors/core";
import { type Change, type ChangeClass, changeClasses } from "@cti-connectors/mitre-taxii";
import { formatNumber } from "../text/format.js";
import { compareSentences, describeFields, type PropertyChange } from "./field-changes.js";
import { describeVersions, linkOf, nameOfChanged, noteLines } from "./notes-wording.js";
import type { ClassNotes, CollectionNotes, NotesEntry, ReleaseNotes, TypeNotes } from "./release-notes.js";
import { classTitles } from "./release-notes.js";

/** Release notes as Markdown (CommonMark with tables). What an upstream sent is text in it, never markup. */
export function renderNotesAsMarkdown(notes: ReleaseNotes): string {
  const parts = [
    `# ${escapeText(notes.title)}`,
    ...notes.collections.flatMap(renderCollection),
    ...notes.remarks.map(escapeText),
  ];
  return parts.join("\n\n");
}

function renderCollection(collection: CollectionNotes): readonly string[] {
  const lines = noteLines(collection).map(escapeText);
  const { title, types } = collection;
  return [
    `## ${escapeText(title)}`,
    ...lines,
    ...(types.length === 0 ? [] : [renderCounts(types)]),
    ...types.filter(({ classes }) => classes.length > 0).flatMap(renderType),
  ];
}

function renderCounts(types: readonly TypeNotes[]): string {
  const shown = changeClasses.filter((name) => types.some(({ counts }) => counts[name] > 0));
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const numbers = (counts: Readonly<Record<ChangeClass, number>>) =>
    shown.map((name) => formatNumber(counts[name]));
  return [
    row(["", ...shown.map((name) => classTitles[name])]),
    row(["---", ...shown.map(() => "---:")]),
    ...types.map(({ title, counts }) => row([escapeText(title), ...numbers(counts)])),
  ].join("\n");
}

function renderType({ title, classes }: TypeNotes): readonly string[] {
  return [`### ${escapeText(title)}`, ...classes.flatMap(renderClass)];
}

function renderClass({ title, count, groups }: ClassNotes): readonly string[] {
  return [
    `#### ${title} (${formatNumber(count)})`,
    ...groups.flatMap(({ tactic, entries }) => [
      ...(tactic === undefined ? [] : [`##### ${escapeText(tactic)}`]),
      entries.map(renderEntry).join("\n"),
    ]),
  ];
}

function renderEntry({ change, seeTactic }: NotesEntry): string {
  const { revoked_by } = change;
  const words = [
    renderLink(nameOfChanged(change), change.url),
    ...describeVersions(change).map(escapeText),
    ...(revoked_by ? [`revoked by ${renderLink(nameOfChanged(revoked_by), revoked_by.url)}`] : []),
    ...(seeTactic === undefined ? [] : [`see ${escapeText(seeTactic)}`]),
  ];
  const details = seeTactic === undefined ? renderDetails(change) : [];
  return [`- ${words.join(", ")}`, ...details].join("\n");
}

function renderDetails(change: Change): readonly string[] {
  return describeFields(change).flatMap((field) =>
    renderField(field).map((line) => (line === "" ? "" : `  ${line}`)),
  );
}

function renderField(field: PropertyChange): readonly string[] {
  const name = escapeText(field.name);
  switch (field.kind) {
    case "text":
      return [`- ${name}:`, "", ...renderText(field.before, field.after).map((line) => `  ${line}`), ""];
    case "list":
      return [
        ...field.removed.map((item) => `- ${name}, removed: ${escapeText(item)}`),
        ...field.added.map((item) => `- ${name}, added: ${escapeText(item)}`),
      ];
    case "value":
      return [`- ${name}: ${renderValue(field.before)} → ${renderValue(field.after)}`];
  }
}

const renderValue = (value: string | undefined) => (value === undefined ? "none" : escapeText(value));

const signs = { same: " ", added: "+", removed: "-" } as const;

/** In a fence that is longer than any in the text, so that nothing in it is markup. */
function renderText(before: string, after: string): readonly string[] {
  const lines = compareSentences(before, after)
    .flatMap(({ kind, text }) => text.split("\n").map((line) => ({ kind, line: oneLine(line).trim() })))
    .filter(({ line }) => line !== "")
    .map(({ kind, line }) => `${signs[kind]} ${line}`);
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
  const fence = "`".repeat(longest + 1);
  return [`${fence}diff`, ...lines, fence];
}

function renderLink(text: string, url: string | undefined): string {
  const link = linkOf(url);
  return link === undefined ? escapeText(text) : `[${escapeText(text)}](${escapeUrl(link)})`;
}

/** Also what links by itself in GitHub's Markdown: URLs, `www.` and addresses. A count such as `1.` is only one at the start of a line. */
function escapeText(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_{}[\]<>~|$@^#]|&(?=#?\w+;)/g, "\\$&")
    .replaceAll("://", "\\://")
    .replaceAll(/www\./gi, (start) => `${start.slice(0, 3)}\\.`);
}

const escapeUrl = (url: string) =>
  url.replaceAll(
    /[()[\]<>\\`*_|\s]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
