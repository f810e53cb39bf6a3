import { expect, test } from "vitest";
import { isMalpediaKey, keyOfPage, platformsOfKey, withoutPrefix } from "./malpedia-key.js";

test.each([
  ["win.xloader", "xloader"],
  ["js.LandUpdate808", "LandUpdate808"],
  ["fas.acad", "acad"],
  ["S.O.V.A.", "S.O.V.A."],
  ["Diskcoder.D", "Diskcoder.D"],
])("takes the platform of a key off %j", (name, expected) => {
  expect(withoutPrefix(name)).toBe(expected);
});

test("knows a key by its platform, also one that ATT&CK does not name", () => {
  expect(
    ["win.emotet", "WIN.Emotet", "aix.fastcash", "pl.perlbot", "swf.of"].filter(isMalpediaKey),
  ).toHaveLength(5);
  expect(["emotet", "win", "win.", "c2.example", "win.a b"].filter(isMalpediaKey)).toEqual([]);
  expect(platformsOfKey("WIN.emotet")).toEqual(["Windows"]);
  expect(platformsOfKey("aix.fastcash")).toBeUndefined();
});

test("finds the key in the address of a page", () => {
  expect(keyOfPage("https://malpedia.caad.fkie.fraunhofer.de/details/win.Cobalt_Strike")).toBe(
    "win.cobalt_strike",
  );
  expect(keyOfPage("https://malpedia.caad.fkie.fraunhofer.de/actor/apt28")).toBeUndefined();
});
