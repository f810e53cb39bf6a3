import { type Change, countClasses } from "@cti-connectors/mitre-taxii";
import markdownIt from "markdown-it";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, test } from "vitest";
import type { ReleaseNotes } from "./release-notes.js";
import { renderNotesAsHtml } from "./render-notes-html.js";
import { renderNotesAsMarkdown } from "./render-notes-markdown.js";

const noCounts = countClasses([]);

function notesOf(
  changes: readonly Change[],
  more: Partial<ReleaseNotes["collections"][number]> = {},
): ReleaseNotes {
  return {
    title: "ATT&CK changes, 17.1 → 18.1",
    remarks: ["A remark."],
    collections: [
      {
        title: "ICS ATT&CK, 17.1 → 18.1",
        notStored: 0,
        sameVersion: 0,
        types: [
          {
            title: "Techniques",
            counts: { ...noCounts, additions: 1_200, patches: 2 },
            classes: [
              {
                title: "Patches",
                count: changes.length,
                groups: [{ tactic: "Impact", entries: changes.map((change) => ({ change })) }],
              },
            ],
          },
        ],
        ...more,
      },
    ],
  };
}

const change: Change = {
  change: "modified",
  type: "attack-pattern",
  id: "attack-pattern--1",
  attack_id: "T1",
  name: "One",
  url: "https://attack.mitre.org/techniques/T1",
  version: "2",
  attack_version: "1.1",
  previous_attack_version: "1.0",
  revoked_by: {
    id: "attack-pattern--2",
    attack_id: "T2",
    name: "Two",
    url: "https://attack.mitre.org/techniques/T2",
  },
  fields: [
    {
      name: "description",
      before: "The first sentence is the same. Adversaries use foo.",
      after: "The first sentence is the same. Adversaries use bar.\nA new line.",
    },
    { name: "x_mitre_platforms", before: ["Windows"], after: ["Linux"] },
    { name: "name", before: "Uno", after: "One" },
  ],
};

test("Markdown has a table of counts, links, and what changed", () => {
  expect(renderNotesAsMarkdown(notesOf([change])).split("\n")).toEqual([
    "# ATT&CK changes, 17.1 → 18.1",
    "",
    "## ICS ATT&CK, 17.1 → 18.1",
    "",
    "|  | New | Patches |",
    "| --- | ---: | ---: |",
    "| Techniques | 1,200 | 2 |",
    "",
    "### Techniques",
    "",
    "#### Patches (1)",
    "",
    "##### Impact",
    "",
    "- [T1 One](https://attack.mitre.org/techniques/T1), version 1.0 → 1.1, revoked by [T2 Two](https://attack.mitre.org/techniques/T2)",
    "  - description:",
    "",
    "    ```diff",
    "      The first sentence is the same.",
    "    - Adversaries use foo.",
    "    + Adversaries use bar.",
    "    + A new line.",
    "    ```",
    "",
    "  - platforms, removed: Windows",
    "  - platforms, added: Linux",
    "  - name: Uno → One",
    "",
    "A remark.",
  ]);
});

test("HTML is a page with the same, and marks the words that changed", async () => {
  const page = await renderNotesAsHtml(notesOf([change]));
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  for (const part of [
    "<title>ATT&amp;CK changes, 17.1 → 18.1</title>",
    '<tr><td><a href="#collection-1-type-1">Techniques</a></td><td>1,200</td><td>2</td></tr>',
    '<h3 id="collection-1-type-1">Techniques</h3>',
    "<h4>Patches (1)</h4>",
    "<h5>Impact</h5>",
    '<a href="https://attack.mitre.org/techniques/T1" rel="noreferrer">T1 One</a>, version 1.0 → 1.1, revoked by <a href="https://attack.mitre.org/techniques/T2" rel="noreferrer">T2 Two</a>',
    "Adversaries use <del>foo</del><ins>bar</ins>.<ins>\nA new line.</ins>",
    "<li><del>Windows</del></li>\n<li><ins>Linux</ins></li>",
    "<li>name: Uno → One</li>",
    "<p>A remark.</p>",
  ]) {
    expect(page).toContain(part);
  }
});

test("what was not compared, is not stored whole, or did not change is said", async () => {
  const none = { types: [] };
  for (const [more, line] of [
    [none, "Nothing changed."],
    [{ ...none, notCompared: "only release 17.1 is stored" }, "Not compared: only release 17.1 is stored."],
    [
      { notStored: 1 },
      "1 changed object not stored in both versions: names, classes and what changed may be missing.",
    ],
    [{ sameVersion: 70 }, "70 objects stored anew under the same version: not listed here."],
  ] as const) {
    expect(renderNotesAsMarkdown(notesOf([change], more))).toContain(`\n\n${line}`);
    expect(await renderNotesAsHtml(notesOf([change], more))).toContain(`<p>${line}</p>`);
  }
});

describe("what an upstream sends is text", () => {
  const hostile = [
    '<script>alert(1)</script><img src=x onerror="alert(1)">',
    "[x](javascript:alert(1)) ![i](https://evil.example/i.png) <https://evil.example>",
    "`code` **bold** _it_ ~~gone~~ | cell | &lt;b&gt; &#60;i&#62; \\",
    "see https://evil.example/ and www.evil.example or me@evil.example",
    "one\n# two\n\n- three\n```\n</details></ul>\u001b[2J",
    "```` ``` diff ' \" $x$ {{ y }}",
  ];
  const changes = hostile.map((text, index) => ({
    ...change,
    id: `attack-pattern--${index}`,
    attack_id: `T${index}`,
    name: text,
    url: index % 2 === 0 ? "javascript:alert(1)" : 'https://ok.example/a_(b)"><b>?q=[1]|2 3',
    revoked_by: { id: "x", name: text, url: `data:text/html,${text}` },
    fields: [
      { name: text, before: text, after: text.toUpperCase() },
      { name: "list", before: [text], after: [{ [text]: text }] },
      { name: "long", before: `${"long. ".repeat(20)}${text}`, after: `${"long. ".repeat(20)}more ${text}` },
    ],
  }));
  const notes = {
    ...notesOf(changes, { title: hostile.join(" "), notCompared: hostile.join(" ") }),
    title: hostile.join(" "),
  };
  const link = "https://ok.example/a_(b)%22%3E%3Cb%3E?q=[1]|2%203";
  const plain = (text: string) => text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();

  test("in Markdown, as a parser with HTML and links of its own reads it", () => {
    const tokens = markdownIt({ html: true, linkify: true })
      .parse(renderNotesAsMarkdown(notes), {})
      .flatMap((token) => [token, ...(token.children ?? [])]);
    const types = new Set(tokens.map(({ type }) => type));
    for (const markup of [
      "html_inline",
      "html_block",
      "image",
      "code_inline",
      "em_open",
      "strong_open",
      "s_open",
    ]) {
      expect([markup, types.has(markup)]).toEqual([markup, false]);
    }
    const hrefs = tokens
      .filter(({ type }) => type === "link_open")
      .map((token) => decodeURI(String(token.attrGet("href"))));
    expect(new Set(hrefs)).toEqual(new Set([decodeURI(link)]));
    expect(hrefs).toHaveLength(3);
    expect(tokens.filter(({ type }) => type === "fence")).toHaveLength(
      hostile.length + hostile.filter(({ length }) => length > 60).length,
    );
    const headings = tokens.filter(({ type }) => type === "heading_open").map(({ tag }) => tag);
    expect(headings).toEqual(["h1", "h2", "h3", "h4", "h5"]);
    const texts = tokens
      .filter(({ type }) => type === "inline")
      .map(({ children }) => (children ?? []).map(({ content }) => content).join(""));
    for (const [index, text] of hostile.entries()) {
      expect(texts.filter((shown) => shown.startsWith(plain(`T${index} ${text}`)))).toHaveLength(1);
    }
  });

  test("in HTML, as a browser's parser reads it", async () => {
    const elements = elementsOf(parse(await renderNotesAsHtml(notes)));
    const allowed =
      "html head meta title style body h1 h2 h3 h4 h5 p table tbody tr th td ul li a details summary span del ins em";
    expect(
      new Set(elements.map(({ tagName }) => tagName).filter((name) => !allowed.split(" ").includes(name))),
    ).toEqual(new Set());
    const hrefs = elements.flatMap(({ attrs }) =>
      attrs.filter(({ name }) => name === "href").map(({ value }) => value),
    );
    expect(new Set(hrefs)).toEqual(new Set(["#collection-1-type-1", link]));
    const attributes = new Set(elements.flatMap(({ attrs }) => attrs.map(({ name }) => name)));
    expect([...attributes].sort()).toEqual([
      "charset",
      "class",
      "content",
      "href",
      "http-equiv",
      "id",
      "lang",
      "name",
      "rel",
    ]);
    expect(elements.filter(({ tagName }) => tagName === "h5")).toHaveLength(1);
  });
});

type Element = DefaultTreeAdapterTypes.Element;

function elementsOf(node: DefaultTreeAdapterTypes.ParentNode): readonly Element[] {
  return node.childNodes.flatMap((child) => ("tagName" in child ? [child, ...elementsOf(child)] : []));
}
