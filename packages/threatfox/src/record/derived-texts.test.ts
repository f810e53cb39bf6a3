import { expect, test } from "vitest";
import { describeIocType, describeThreatType, linkMalpedia } from "./derived-texts.js";

test("a threat type and an IOC type are described as the API does", () => {
  expect(describeThreatType("payload")).toBe("Indicator that identifies a malware sample (payload)");
  expect(describeIocType("payload", "sha1_hash")).toBe("SHA1 hash of a malware sample (payload)");
  expect(describeIocType("payload", "md5_hash")).toBe("MD5 hash of a malware sample (payload)");
});

test.each(["", "toString", "__proto__", "botnet_cc "])("%j is not known", (type) => {
  expect(describeThreatType(type)).toBeNull();
  expect(describeIocType(type, "url")).toBeNull();
  expect(describeIocType("botnet_cc", type)).toBeNull();
});

test("a key has a page", () => {
  expect(linkMalpedia("win.cobalt_strike")).toBe(
    "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
  );
});

test.each(["", "../x", "a b", "a?b", "a\n"])("%j is no key", (malware) => {
  expect(linkMalpedia(malware)).toBeNull();
});
