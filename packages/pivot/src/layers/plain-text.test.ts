import { expect, test } from "vitest";
import { toPlainText } from "./plain-text.js";

test.each([
  [
    "[APT29](https://attack.mitre.org/groups/G0016) has used `rundll32`.(Citation: Mandiant (2021) SolarWinds)(Citation: FBI)",
    "APT29 has used rundll32.",
  ],
  ["<code>net user</code> (local) and [x] stay (Citation: A).", "net user (local) and [x] stay."],
])("leaves out citations and marks of %s", (markdown, text) => {
  expect(toPlainText(markdown)).toBe(text);
});
