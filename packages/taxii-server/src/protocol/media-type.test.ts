import { expect, test } from "vitest";
import { acceptsTaxii, isTaxii } from "./media-type.js";

test.each([
  ["application/taxii+json;version=2.1", true],
  ["application/taxii+json; version=2.1", true],
  ["application/taxii+json ; version = 2.1", true],
  ['application/taxii+json;version="2.1"', true],
  ["Application/TAXII+JSON;Version=2.1", true],
  ["application/taxii+json", true],
  ["application/*", true],
  ["*/*", true],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true],
  ["text/html, application/taxii+json; version=2.1; q=0.9", true],
  ["application/json;q=0.5,application/taxii+json;q=0.001", true],
  ["application/taxii+json;version=2.0, application/taxii+json;version=2.1", true],
  // Of what covers TAXII 2.1, the most precise decides.
  ["application/taxii+json;version=2.1;q=0, */*", false],
  ["application/taxii+json;q=0, application/*", false],
  ["application/taxii+json;version=2.1, application/taxii+json;q=0", true],
  ["*/*;q=0", false],
  ["application/taxii+json;version=2.0", false],
  ["application/taxii+json;version=2.10", false],
  ["application/vnd.oasis.taxii+json;version=2.0", false],
  ["application/stix+json;version=2.1", false],
  ["application/json", false],
  ["text/*", false],
  ["", false],
  [",", false],
  [";", false],
  ["*", false],
])("Accept: %s is taken: %s", (header, taken) => {
  expect(acceptsTaxii(header)).toBe(taken);
});

test.each([
  ["application/taxii+json;version=2.1", true],
  ["application/taxii+json; version=2.1", true],
  ["application/taxii+json", true],
  ["application/taxii+json;version=2.0", false],
  ["application/taxii+json;version=2.1, application/json", false],
  ["application/json", false],
  ["*/*", false],
  ["", false],
])("Content-Type: %s is TAXII 2.1: %s", (header, taken) => {
  expect(isTaxii(header)).toBe(taken);
});
