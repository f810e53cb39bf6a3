import { describe, expect, test } from "vitest";
import { findErrorText } from "./find-error-text.js";

describe("findErrorText", () => {
  test.each<[string, unknown, string | undefined]>([
    [
      "TAXII",
      { title: "Not Found", description: "no such root", http_status: "404" },
      "Not Found: no such root",
    ],
    [
      "a problem of RFC 9457",
      { type: "about:blank", title: "Quota", detail: "try at noon" },
      "Quota: try at noon",
    ],
    ["abuse.ch", { query_status: "ratelimited", msg: "slow down until noon" }, "slow down until noon"],
    ["a gateway", { message: "Forbidden" }, "Forbidden"],
    [
      "OAuth",
      { error: "invalid_token", error_description: "it has expired" },
      "invalid_token: it has expired",
    ],
    ["an error inside", { error: { code: 401, message: "no key" } }, "no key"],
    ["a list of errors", { errors: [{ title: "a" }, { detail: "b" }, "c"] }, "a: b: c"],
    ["a text", "just so", "just so"],
    ["the same words twice", { title: "Gone", message: "Gone for ever" }, "Gone for ever"],
    ["no words", { error: true, status: 500, objects: [] }, undefined],
    ["nothing", {}, undefined],
    ["null", null, "null"],
  ])("knows JSON of %s", (_, json, text) => {
    expect(findErrorText(JSON.stringify(json))).toBe(text);
  });

  test.each([
    ["<html><head><title>502 Bad\n Gateway</title></head><body>nginx</body></html>", "502 Bad Gateway"],
    ["<!doctype html><style>p { color: red }</style><p>Down for <b>maintenance</b>", "Down for maintenance"],
    ["  quota\u0000 used\r\n up ", "quota used up"],
    ['{"title": "cut o', '{"title": "cut o'],
    ["", undefined],
    ["<br>", undefined],
  ])("reads %j", (body, text) => {
    expect(findErrorText(body)).toBe(text);
  });

  test("takes no JSON for an error message that is too long for one", () => {
    const entries = Array.from({ length: 20_000 }, () => 123_456);
    for (const json of [{ title: "Catalogue", entries }, entries]) {
      expect(findErrorText(JSON.stringify(json))).toBeUndefined();
    }
  });

  test.each([
    JSON.stringify({ title: `${"x".repeat(198)}😀${"y".repeat(100)}`, detail: "z".repeat(1000) }),
    "<".repeat(1_000_000),
    `<title>${"x".repeat(1_000_000)}`,
    "[".repeat(1_000_000),
    "word ".repeat(1_000_000),
  ])("stays short, whatever comes (%#)", (body) => {
    const text = findErrorText(body) ?? "";
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text).not.toMatch(/\p{Surrogate}/u);
  });
});
