import { expect, test } from "vitest";
import { parseEmail } from "./parse-email.js";

test.each(
  [
    ["Mallory@Mail.Example.", "Mallory@mail.example", "mail.example"],
    ['"a@b"@mail.example', '"a@b"@mail.example', "mail.example"],
    ['"a\\"@b"@mail.example', '"a\\"@b"@mail.example', "mail.example"],
    ["o'brien@mail.example", "o'brien@mail.example", "mail.example"],
    ["m@münchen.example", "m@xn--mnchen-3ya.example", "xn--mnchen-3ya.example"],
  ].map(([text = "", value = "", host = ""]) => ({ text, value, host })),
)("$text", ({ text, value, host }) => {
  const indicator = parseEmail("envelope_from", text);
  expect(indicator).toMatchObject({ type: "envelope_from", value, host });
  expect(indicator.problem).toBeUndefined();
});

test.each([
  "",
  "@",
  "m@",
  "@mail.example",
  "mail.example",
  "m m@mail.example",
  "m@n@mail.example",
  '"a"@b@mail.example',
  '"a@mail.example',
  "M <m@mail.example>",
  "m@203.0.113.5",
])("%j is kept as given", (text) => {
  expect(parseEmail("body_from", text)).toMatchObject({
    value: text,
    host: null,
    problem: "not an e-mail address",
  });
});

test("no mail server passes on a longer address than 256 characters", () => {
  expect(parseEmail("body_from", `${"a".repeat(257)}@mail.example`).problem).toBe("not an e-mail address");
});
