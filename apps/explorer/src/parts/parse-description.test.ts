import { expect, test } from "vitest";
import { parseDescription, readWebAddress } from "./parse-description.js";

test("reads paragraphs, lists, links, code and citations", () => {
  const text = `[APT29](https://attack.mitre.org/groups/G0016) runs <code>cmd /c</code>.(Citation: A B)

* uses [PowerShell](https://attack.mitre.org/techniques/T1059/001)
* see [the site](http://example.com/a) and \`dir\``;
  expect(parseDescription(text)).toEqual([
    {
      kind: "paragraph",
      items: [
        [
          { kind: "attack", text: "APT29", target: "G0016" },
          { kind: "text", text: " runs " },
          { kind: "code", text: "cmd /c" },
          { kind: "text", text: "." },
          { kind: "citation", text: "A B" },
        ],
      ],
    },
    {
      kind: "list",
      items: [
        [
          { kind: "text", text: "uses " },
          { kind: "attack", text: "PowerShell", target: "T1059.001" },
        ],
        [
          { kind: "text", text: "see " },
          { kind: "link", text: "the site", target: "http://example.com/a" },
          { kind: "text", text: " and " },
          { kind: "code", text: "dir" },
        ],
      ],
    },
  ]);
});

test.each([
  "[here](javascript:alert(1))",
  "[here](data:text/html,a)",
  "[here](//example.com/)",
  '<img src=x onerror="alert(1)">',
  "<script>alert(1)</script>",
])("%s is text", (text) => {
  expect(parseDescription(text)).toEqual([{ kind: "paragraph", items: [[{ kind: "text", text }]] }]);
});

test.each([
  ["https://example.com/a?b", "https://example.com/a?b"],
  ["javascript:alert(1)", undefined],
  [" JAVASCRIPT:alert(1)", undefined],
  ["java\nscript:alert(1)", undefined],
  ["data:text/html,a", undefined],
  ["vbscript:a", undefined],
  ["//example.com", undefined],
  ["example.com", undefined],
  [null, undefined],
])("of %j the address is %j", (text, address) => {
  expect(readWebAddress(text)).toBe(address);
});
