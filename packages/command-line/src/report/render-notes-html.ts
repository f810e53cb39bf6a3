import { type Change, changeClasses } from "@cti-connectors/mitre-taxii";
import { html } from "hono/html";
import { formatNumber } from "../text/format.js";
import { compareWords, describeFields, type PropertyChange } from "./field-changes.js";
import { describeVersions, linkOf, nameOfChanged, noteLines } from "./notes-wording.js";
import {
  type ClassNotes,
  type CollectionNotes,
  classTitles,
  type NotesEntry,
  type ReleaseNotes,
  type TypeNotes,
} from "./release-notes.js";

/** `html` escapes every text in it. */
type Markup = ReturnType<typeof html>;

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c; background: #fff }
table { border-collapse: collapse } th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child { text-align: left } a { color: #0b57a4 }
del { background: #ffd7d5 } ins { background: #ccffd8; text-decoration: none } .text { white-space: pre-wrap }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #161616 } a { color: #7fb4ee }
  th, td { border-color: #444 } del { background: #67231f } ins { background: #1c5a2b } }
`;

/** Release notes as one HTML page that loads nothing. What an upstream sent is text in it, never markup. */
export async function renderNotesAsHtml(notes: ReleaseNotes): Promise<string> {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${notes.title}</title>
<style>${style}</style>
</head>
<body>
<h1>${notes.title}</h1>
${notes.collections.map(renderCollection)}${notes.remarks.map((remark) => html`<p>${remark}</p>\n`)}
</body>
</html>
`;
  return String(await page);
}

function renderCollection(collection: CollectionNotes, index: number): Markup {
  const { title, types } = collection;
  const anchor = (type: number) => `collection-${index + 1}-type-${type + 1}`;
  return html`<h2>${title}</h2>
${noteLines(collection).map((line) => html`<p>${line}</p>\n`)}${types.length === 0 ? "" : renderCounts(types, anchor)}${types.map((type, at) => (type.classes.length === 0 ? "" : renderType(type, anchor(at))))}`;
}

function renderCounts(types: readonly TypeNotes[], anchor: (type: number) => string): Markup {
  const shown = changeClasses.filter((name) => types.some(({ counts }) => counts[name] > 0));
  const rows = types.map(({ title, counts, classes }, index) => {
    const heading = classes.length === 0 ? title : html`<a href="#${anchor(index)}">${title}</a>`;
    return html`<tr><td>${heading}</td>${shown.map((name) => html`<td>${formatNumber(counts[name])}</td>`)}</tr>\n`;
  });
  return html`<table>
<tr><th></th>${shown.map((name) => html`<th>${classTitles[name]}</th>`)}</tr>
${rows}</table>
`;
}

function renderType({ title, classes }: TypeNotes, id: string): Markup {
  return html`<h3 id="${id}">${title}</h3>
${classes.map(renderClass)}`;
}

function renderClass({ title, count, groups }: ClassNotes): Markup {
  const lists = groups.map(
    ({ tactic, entries }) => html`${tactic === undefined ? "" : html`<h5>${tactic}</h5>\n`}<ul>
${entries.map(renderEntry)}</ul>
`,
  );
  return html`<h4>${title} (${formatNumber(count)})</h4>
${lists}`;
}

function renderEntry({ change, seeTactic }: NotesEntry): Markup {
  const { revoked_by } = change;
  const versions = describeVersions(change).map((text) => html`, ${text}`);
  const successor = revoked_by
    ? html`, revoked by ${renderLink(nameOfChanged(revoked_by), revoked_by.url)}`
    : "";
  const see = seeTactic === undefined ? renderDetails(change) : html`, see ${seeTactic}`;
  return html`<li>${renderLink(nameOfChanged(change), change.url)}${versions}${successor}${see}</li>
`;
}

function renderLink(text: string, url: string | undefined): Markup {
  const link = linkOf(url);
  return link === undefined ? html`${text}` : html`<a href="${link}" rel="noreferrer">${text}</a>`;
}

function renderDetails(change: Change): Markup | string {
  const fields = describeFields(change);
  return fields.length === 0
    ? ""
    : html`
<details><summary>What changed: ${fields.map(({ name }) => name).join(", ")}</summary>
<ul>
${fields.map((field) => html`<li>${field.name}${renderField(field)}</li>\n`)}</ul>
</details>`;
}

function renderField(field: PropertyChange): Markup {
  switch (field.kind) {
    case "text":
      return html`: <span class="text">${compareWords(field.before, field.after).map(({ kind, text }) =>
        kind === "same" ? text : kind === "added" ? html`<ins>${text}</ins>` : html`<del>${text}</del>`,
      )}</span>`;
    case "list":
      return html`<ul>
${field.removed.map((item) => html`<li><del>${item}</del></li>\n`)}${field.added.map((item) => html`<li><ins>${item}</ins></li>\n`)}</ul>`;
    case "value":
      return html`: ${renderValue(field.before)} → ${renderValue(field.after)}`;
  }
}

const renderValue = (value: string | undefined) =>
  value === undefined ? html`<em>none</em>` : html`${value}`;
