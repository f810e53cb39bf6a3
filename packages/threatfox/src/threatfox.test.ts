import { parseConfig } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { threatfoxConfig } from "./config/threatfox-config.js";
import { threatfox } from "./threatfox.js";

test("without a key the connector is skipped with one line that says where to get one", () => {
  const reason = threatfox.skipReason?.(parseConfig(threatfoxConfig, {}));
  expect(reason).toMatch(/THREATFOX_API_KEY.*https:\/\/auth\.abuse\.ch\//u);
  expect(reason).not.toContain("\n");
  expect(threatfox.skipReason?.(parseConfig(threatfoxConfig, { THREATFOX_API_KEY: "abcd" }))).toBeUndefined();
});

test("an export is loaded without a key", () => {
  const config = parseConfig(threatfoxConfig, { THREATFOX_BACKFILL: import.meta.filename });
  expect(threatfox.skipReason?.(config)).toBeUndefined();
});

test("the key belongs to the origin of API_URL", () => {
  const config = parseConfig(threatfoxConfig, {
    THREATFOX_API_KEY: "abcd",
    API_URL: "https://mirror.example/tf/",
  });
  expect(threatfox.http?.(config)).toEqual({
    origin: "https://mirror.example",
    urlSetting: "API_URL",
    headers: { "Auth-Key": "abcd" },
  });
});
