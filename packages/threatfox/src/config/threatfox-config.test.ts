import { describeConfig, parseConfig } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { threatfoxConfig } from "./threatfox-config.js";

test("without any setting", () => {
  expect(parseConfig(threatfoxConfig, {})).toEqual({
    API_URL: "https://threatfox-api.abuse.ch/api/v1/",
    QUERY_DAYS: 3,
    THREATFOX_REFRESH_DAYS: 7,
    THREATFOX_RECENT_HOURS: 24,
    COLLECTION_NAME: "threatfox_raw",
  });
});

test("an empty key is none", () => {
  expect(parseConfig(threatfoxConfig, { THREATFOX_API_KEY: "  " }).THREATFOX_API_KEY).toBeUndefined();
});

test.each(["0", "8", "-1", "1.5", "three", "1e0"])(
  "QUERY_DAYS=%s is refused with its name and range",
  (days) => {
    expect(() => parseConfig(threatfoxConfig, { QUERY_DAYS: days })).toThrow(/^QUERY_DAYS .*from 1 to 7/u);
  },
);

test.each([
  ["http://threatfox-api.abuse.ch/api/v1/", /^API_URL must start with https:\/\//u],
  ["threatfox-api.abuse.ch", /^API_URL must be an address/u],
  ["https://user:pass@threatfox.example/", /^API_URL must not contain a user name or password/u],
])("API_URL=%s is refused, in one line", (url, message) => {
  expect(() => parseConfig(threatfoxConfig, { API_URL: url })).toThrow(message);
  expect(() => parseConfig(threatfoxConfig, { API_URL: url })).not.toThrow(/\n/u);
});

test("a loopback address does without TLS", () => {
  const url = "http://127.0.0.1:8080/api/v1/";
  expect(parseConfig(threatfoxConfig, { API_URL: url }).API_URL).toBe(url);
});

test.each(["two words", "line\nbreak", "schlüssel"])("the key %j cannot be one, and is not shown", (key) => {
  expect(() => parseConfig(threatfoxConfig, { THREATFOX_API_KEY: key })).toThrow(
    /^THREATFOX_API_KEY must be a key as shown at https:\/\/auth\.abuse\.ch\//u,
  );
  expect(() => parseConfig(threatfoxConfig, { THREATFOX_API_KEY: key })).not.toThrow(key);
});

test("help texts tell the default, and which setting is a secret", () => {
  const settings = describeConfig(threatfoxConfig);
  expect(
    settings.map(({ name, default: preset, secret, required }) => [name, preset, secret, required]),
  ).toEqual([
    ["API_URL", "https://threatfox-api.abuse.ch/api/v1/", false, false],
    ["THREATFOX_API_KEY", undefined, true, false],
    ["QUERY_DAYS", "3", false, false],
    ["THREATFOX_BACKFILL", undefined, false, false],
    ["THREATFOX_EXPORT_URL", undefined, false, false],
    ["THREATFOX_REFRESH_DAYS", "7", false, false],
    ["THREATFOX_RECENT_URL", undefined, false, false],
    ["THREATFOX_RECENT_HOURS", "24", false, false],
    ["THREATFOX_DOWNLOAD_DIR", undefined, false, false],
    ["COLLECTION_NAME", "threatfox_raw", false, false],
  ]);
  expect(settings.every(({ description }) => description !== undefined)).toBe(true);
});

test.each(["THREATFOX_EXPORT_URL", "THREATFOX_RECENT_URL", "THREATFOX_BACKFILL"])(
  "%s is not taken from where others can change it",
  (name) => {
    const parse = (url: string) => parseConfig(threatfoxConfig, { [name]: url });
    expect(() => parse("http://threatfox.abuse.ch/export/json/full/")).toThrow(
      new RegExp(`^${name} must start with https://, because anyone who can change an export`, "u"),
    );
    expect(() => parse("https://user:pass@threatfox.example/")).toThrow(
      new RegExp(`^${name} must not contain a user name or password`, "u"),
    );
    expect(parse("http://127.0.0.1:8080/full.json.zip")).toMatchObject({
      [name]: "http://127.0.0.1:8080/full.json.zip",
    });
  },
);

test("THREATFOX_EXPORT_URL is an address, THREATFOX_BACKFILL may be a file", () => {
  expect(() => parseConfig(threatfoxConfig, { THREATFOX_EXPORT_URL: "full.json" })).toThrow(
    /^THREATFOX_EXPORT_URL must be an address/u,
  );
  const file = import.meta.filename;
  expect(parseConfig(threatfoxConfig, { THREATFOX_BACKFILL: file }).THREATFOX_BACKFILL).toBe(file);
  for (const missing of ["/nope", "ftp://exports.example/x"]) {
    expect(() => parseConfig(threatfoxConfig, { THREATFOX_BACKFILL: missing })).toThrow(
      /^THREATFOX_BACKFILL (?:names|must be) a file/u,
    );
  }
});

test("relative paths count from where they were written", () => {
  const paths = describeConfig(threatfoxConfig).filter(({ path }) => path !== false);
  expect(paths.map(({ name, path }) => [name, path])).toEqual([
    ["THREATFOX_BACKFILL", "or-url"],
    ["THREATFOX_DOWNLOAD_DIR", true],
  ]);
});
