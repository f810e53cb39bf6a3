import { v5, validate, version } from "uuid";
import { expect, test } from "vitest";
import { deriveStixId, threatfoxNamespace } from "./derive-stix-id.js";

test("the namespace is derived from ThreatFox's address", () => {
  expect(threatfoxNamespace).toBe(v5("https://threatfox.abuse.ch/", v5.URL));
});

test("the same IOC has the same id everywhere, for ever", () => {
  expect(deriveStixId("indicator", "841507")).toBe("indicator--509b9caa-24c7-58b9-a2ac-bb3024afa828");
  expect(deriveStixId("indicator", "841508")).not.toBe(deriveStixId("indicator", "841507"));
});

test.each(["841507", "", "\u0000", "\ud800"])("%j makes a UUIDv5", (key) => {
  const uuid = deriveStixId("indicator", key).replace("indicator--", "");
  expect(validate(uuid) && version(uuid)).toBe(5);
});
