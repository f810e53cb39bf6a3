import { expect, test } from "vitest";
import { readUrl } from "./read-url.js";

test("reads a URL, by the same rules on every Node", () => {
  expect(readUrl("http://MÜNCHEN.example:8080/x")).toMatchObject({
    scheme: "http",
    host: "xn--mnchen-3ya.example",
    port: 8080,
  });
  expect(readUrl("http://xn--a.com/")).toBeUndefined();
  expect(readUrl("evil.example/x")).toBeUndefined();
});

test("a path may be long, and a host of any length costs no time", () => {
  expect(readUrl(`http://c2.example/${"é/".repeat(2_000)}`)).toMatchObject({ host: "c2.example" });
  const host = Array.from({ length: 1_000_000 }, (_, index) =>
    String.fromCodePoint(0x4e00 + (index % 20_000)),
  );
  for (const before of ["http://", "http:\\\\", "http:////", "tcp://"]) {
    expect(readUrl(`${before}${host.join("")}/`)).toBeUndefined();
  }
});
