import { defineConnector, urlSetting } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { connectors } from "../testing/program.js";
import { findMissingSettings } from "./find-missing-settings.js";

test("a setting that a connector cannot do without is named", () => {
  const acme = defineConnector({
    ...{ name: "acme", summary: "a test", steps: [] },
    config: z.object({ ACME_URL: urlSetting(), ACME_FORMAT: z.string(), ACME_DAYS: z.string().default("3") }),
  });
  expect(findMissingSettings([...connectors, acme])).toEqual([
    "threatfox: THREATFOX_API_KEY is not set: get a free key at https://auth.abuse.ch/",
    expect.stringMatching(/^acme: ACME_URL .*; ACME_FORMAT .*$/),
  ]);
});
