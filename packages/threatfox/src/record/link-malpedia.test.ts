import { expect, test } from "vitest";
import { linkMalpedia } from "./link-malpedia.js";

test("a key has a page", () => {
  expect(linkMalpedia("win.cobalt_strike")).toBe(
    "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
  );
});

test.each(["", "../x", "a b", "a?b", "a\n"])("%j is no key", (malware) => {
  expect(linkMalpedia(malware)).toBeNull();
});
