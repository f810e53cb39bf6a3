import { describe, expect, test } from "vitest";
import { oneLine, shortenText, shortenUrl, shortenUrls } from "./one-line.js";

describe("oneLine", () => {
  test.each([
    ["one\r\n  two\u2028three", "one two three"],
    ["\u001b[31mEVIL\u0007", " [31mEVIL "],
    ["abc\u202etxt.exe", "abc txt.exe"],
  ])("%j is shown as %j", (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  test("cuts a long text, and never in the middle of a character", () => {
    expect(oneLine("abc😀def", 5)).toBe("abc…");
  });
});

describe("shortenText", () => {
  test.each([
    ["", 4, ""],
    ["four", 4, "four"],
    ["fives", 4, "fiv…"],
    ["ab💥", 4, "ab💥"],
    ["ab💥c", 4, "ab…"],
    ["a💥bc", 4, "a💥…"],
  ])("%j in %i characters is %j", (text, longest, expected) => {
    expect(shortenText(text, longest)).toBe(expected);
  });
});

const listOfIds = `https://taxii.example/root/objects/?match[id]=${Array(60).fill("indicator--6ba7b810-9dad-11d1-80b4-00c04fd430c8").join("%2C")}`;

describe("shortenUrl", () => {
  test("keeps an address of up to 200 characters", () => {
    const url = `https://a.example/${"x".repeat(182)}`;
    expect(shortenUrl(url)).toBe(url);
  });

  test("ends a longer one between two ids", () => {
    expect(shortenUrl(listOfIds)).toMatch(
      /^https:\/\/taxii\.example\/root\/objects\/\?match\[id\]=(indicator--[\da-f-]{36}%2C){3}…$/,
    );
  });

  test("never shows a half of a part", () => {
    expect(shortenUrl(`https://a.example/${"k".repeat(300)}/b`)).toBe("https://a.example/…");
    expect(shortenUrl(`https://a.example/?a=1&token=${"k".repeat(300)}`)).toBe(
      "https://a.example/?a=1&token=…",
    );
  });
});

test("shortenUrls shortens addresses and leaves everything around them", () => {
  expect(shortenUrls(`TAXII objects (${listOfIds}): Forbidden (HTTP 403); see https://b.example.`)).toMatch(
    /^TAXII objects \(https:\/\/taxii\.example\/.{0,190}…\): Forbidden \(HTTP 403\); see https:\/\/b\.example\.$/,
  );
});
