import { parseConfig } from "@cti-connectors/core/host";
import { describe, expect, test } from "vitest";
import { mitreTaxiiConfig } from "./mitre-taxii-config.js";

const read = (text: string) => parseConfig(mitreTaxiiConfig, { MITRE_RELEASES: text }).MITRE_RELEASES;

describe("MITRE_RELEASES", () => {
  test.each([
    ["", "latest"],
    ["latest", "latest"],
    [" ALL ", "all"],
    ["18.1", ["18.1"]],
    ["17.1, 18.1,", ["17.1", "18.1"]],
    ["16.1..18.1", [{ from: "16.1", to: "18.1" }]],
    ["9.0, 16.1 .. 18.1, 19.0-beta", ["9.0", { from: "16.1", to: "18.1" }, "19.0-beta"]],
  ])('"%s" is understood', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each([
    ["18", '"18" is neither a release nor a range'],
    ["v18.1", '"v18.1" is neither a release nor a range'],
    ["16.1..", '"16.1.." is neither a release nor a range'],
    ["16.1..17.1..18.1", '"16.1..17.1..18.1" is neither a release nor a range'],
    ["18.1..16.1", "write 16.1..18.1"],
    ["latest,17.1", "latest cannot be combined with others"],
    [",", "such as 17.1,18.1 or 16.1..18.1"],
  ])('"%s" is refused: %s', (text, reason) => {
    expect(() => read(text)).toThrow("MITRE_RELEASES");
    expect(() => read(text)).toThrow(reason);
  });
});
