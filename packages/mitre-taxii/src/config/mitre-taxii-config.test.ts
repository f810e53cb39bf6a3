import { ConfigError, parseConfig } from "@cti-connectors/core/host";
import { describe, expect, test } from "vitest";
import { mitreTaxii } from "../mitre-taxii.js";
import { mitreTaxiiConfig } from "./mitre-taxii-config.js";

describe("the settings", () => {
  test("load everything from the public server within its quota by default", () => {
    expect(parseConfig(mitreTaxiiConfig, {})).toEqual({
      MITRE_TAXII_URL: "https://attack-taxii.mitre.org/taxii2/",
      MITRE_API_KEY_HEADER: "X-API-Key",
      MITRE_RELEASES: "latest",
      MITRE_PAGE_SIZE: 5000,
      MITRE_MAX_PAGES: 10_000,
      MITRE_CHECK_HOURS: 24,
      MITRE_REQUEST_BUDGET: { requests: 50, windowMs: 600_000 },
    });
  });

  test("are read from text", () => {
    expect(
      parseConfig(mitreTaxiiConfig, {
        MITRE_COLLECTIONS: "*ICS*, Mobile ATT&CK",
        MITRE_MAX_OBJECTS: "3",
        MITRE_MAX_CONTENTS: "0",
        MITRE_MAX_COLLECTIONS: "",
        MITRE_REQUEST_BUDGET: "off",
      }),
    ).toMatchObject({
      MITRE_COLLECTIONS: ["*ICS*", "Mobile ATT&CK"],
      MITRE_MAX_OBJECTS: 3,
      MITRE_MAX_CONTENTS: 0,
      MITRE_REQUEST_BUDGET: undefined,
    });
  });

  test.each(["MITRE_PAGE_SIZE", "MITRE_MAX_PAGES", "MITRE_MAX_OBJECTS", "MITRE_MAX_COLLECTIONS"])(
    "names %s where it is 0",
    (name) => {
      const parse = () => parseConfig(mitreTaxiiConfig, { [name]: "0" });
      expect(parse).toThrow(ConfigError);
      expect(parse).toThrow(name);
    },
  );

  test("pass the quota and the setting's name on to the HTTP client", () => {
    const config = parseConfig(mitreTaxiiConfig, { MITRE_REQUEST_BUDGET: "10/600" });
    expect(mitreTaxii.http?.(config)).toMatchObject({
      origin: "https://attack-taxii.mitre.org",
      quota: { requests: 10, windowMs: 600_000 },
      urlSetting: "MITRE_TAXII_URL",
    });
  });

  test("have a sample of three objects of three collections, of the latest release", () => {
    const config = parseConfig(mitreTaxiiConfig, { MITRE_RELEASES: "17.1" });
    const context = { resolvePath: (path: string) => path };
    const { sample } = mitreTaxii.options ?? {};
    expect(sample?.values === undefined && sample?.apply(config, true, context)).toEqual({
      ...config,
      MITRE_RELEASES: "latest",
      MITRE_MAX_COLLECTIONS: 3,
      MITRE_MAX_OBJECTS: 3,
    });
  });
});
