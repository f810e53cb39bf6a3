import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";
import { expect, test } from "vitest";
import { readSettings } from "./read-settings.js";

const all = [mitreTaxii, threatfox];

test.each([
  "objects",
  "manifest",
  "versions",
  "collections",
  "threatfox_malware",
  "threatfox_types",
  "etl_runs",
])("COLLECTION_NAME=%s is refused, whether the connector that loads into it runs or not", (name) => {
  const refusal = new RegExp(`^COLLECTION_NAME must not be ${name}: .*choose another name$`, "u");
  expect(() => readSettings(all, { COLLECTION_NAME: name }, all)).toThrow(refusal);
  expect(() => readSettings([threatfox], { COLLECTION_NAME: name }, all)).toThrow(refusal);
});

test("settings of a connector that does not run may be wrong", () => {
  const { connectors } = readSettings([threatfox], { MITRE_TAXII_URL: "nowhere" }, all);
  expect(connectors.map(({ name }) => name)).toEqual(["threatfox"]);
});
