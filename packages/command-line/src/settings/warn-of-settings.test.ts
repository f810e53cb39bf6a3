import type { Environment, EnvironmentFile } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { z } from "zod";
import { connectors } from "../testing/program.js";
import { warnOfSettings } from "./warn-of-settings.js";

const path = "/project/.env";
const file = (values: Environment, more: Partial<EnvironmentFile> = {}): EnvironmentFile => ({
  path,
  values,
  lines: {},
  cut: [],
  unclosed: [],
  ignored: [],
  isOpenToOthers: false,
  ...more,
});

test.each([
  ["THREATFOX_APIKEY", "did you mean THREATFOX_API_KEY?"],
  ["MITRE_RELEASE", "did you mean MITRE_RELEASES?"],
  ["MITRE_COLECTIONS", "did you mean MITRE_COLLECTIONS?"],
  ["mitre_token", "did you mean MITRE_TOKEN?"],
  ["THREATFOX_WHATEVER_IT_IS", "see --help for all settings"],
  ["MONGO_URL", "did you mean MONGO_URI?"],
  ["MONGODB_URI", "did you mean MONGO_URI?"],
  ["DBNAME", "did you mean DB_NAME?"],
  ["MONGO_DB", "did you mean DB_NAME?"],
  ["MONGODB_DATABASE", "did you mean DB_NAME?"],
  ["MONGO_DB_NAME", "did you mean DB_NAME?"],
  ["LOG_LEVLE", "did you mean LOG_LEVEL?"],
  ["THREATFOX_APIKEY_FILE", "did you mean THREATFOX_API_KEY_FILE?"],
  ["MONGO_URL_FILE", "did you mean MONGO_URI_FILE?"],
])("%s: %s", (name, expected) => {
  expect(warnOfSettings([], { [name]: "x" }, connectors)).toEqual([
    `${name} in the environment is not a setting: ${expected}`,
  ]);
  expect(warnOfSettings([file({ [name]: "x" })], { [name]: "x" }, connectors)).toEqual([
    `${name} in ${path} is not a setting: ${expected}`,
  ]);
});

test("how several settings of a connector begin tells which names are meant for it, whatever the connector is called", () => {
  const config = z.object({ ACME_URL: z.string(), ACME_COLLECTION: z.string(), LIMIT_DAYS: z.string() });
  const warningsOf = (name: string) =>
    warnOfSettings([], { [name]: "x" }, [{ name: "example-feed", config }]);
  expect(warningsOf("ACME_LINK")).toEqual([
    "ACME_LINK in the environment is not a setting: see --help for all settings",
  ]);
  expect(warningsOf("ACME_COLECTION")).toEqual([
    "ACME_COLECTION in the environment is not a setting: did you mean ACME_COLLECTION?",
  ]);
  for (const name of ["EXAMPLE_TOKEN", "LIMIT_CORE", "ACME"]) {
    expect(warningsOf(name)).toEqual([]);
  }
});

test("variables of other programs are not mentioned, nor those that are empty or whose setting is set", () => {
  const others = {
    PATH: "x",
    HOME: "x",
    APP_URL: "x",
    API_KEY: "x",
    DATABASE_URL: "x",
    HTTP_PROXY: "x",
    HTTPS_PROXY: "x",
    NO_PROXY: "x",
    DB_HOST: "x",
    DB_USER: "x",
    LOG_FILE: "x",
    NODE_ENV: "x",
    INIT_CWD: "x",
    npm_config_user_agent: "x",
    CI: "x",
    TERM: "x",
    TEST_MONGO_URI: "x",
    MONGO_INITDB_ROOT_USERNAME: "x",
    DATA_PATH: "x",
    LOGNAME: "x",
    MITRE_RELEASE: " ",
  };
  expect(
    warnOfSettings(
      [file({ ...others, DB_NAME: "x" })],
      { ...others, MONGO_URL: "x", MONGO_URI: "x" },
      connectors,
    ),
  ).toEqual([]);
});

test("a file with secrets that others can read gets one warning", () => {
  const open = (values: Environment) =>
    warnOfSettings([file(values, { isOpenToOthers: true })], {}, connectors);
  const expected = [`${path} holds secrets and can be read by other users: chmod 600 ${path}`];
  expect(open({ THREATFOX_API_KEY: "abcd", MITRE_PASSWORD: "x" })).toEqual(expected);
  expect(open({ MONGO_URI: "mongodb://u:p@h/" })).toEqual(expected);
  expect(open({ LOG_LEVEL: "info", THREATFOX_API_KEY: "", MONGO_URI: "mongodb://h/" })).toEqual([]);
});

test("a setting whose quote is not closed is named, without its value", () => {
  const unclosed = ["MITRE_PASSWORD", "OTHER"];
  expect(
    warnOfSettings([file({ MITRE_PASSWORD: '"abc', OTHER: "'" }, { unclosed })], {}, connectors),
  ).toEqual([
    `the value of MITRE_PASSWORD in ${path} begins with a quote that is not closed, so the quote is part of the value: close it, or put the value in the other kind of quotes`,
  ]);
});

test.each([
  [[3], `line 3 of ${path} is ignored`],
  [[3, 5], `lines 3, 5 of ${path} are ignored`],
  [[1, 2, 3, 4, 5, 6, 7], `lines 1, 2, 3, 4, 5, and 2 more of ${path} are ignored`],
])("lines %j say nothing", (ignored, expected) => {
  expect(warnOfSettings([file({}, { ignored })], {}, connectors)).toEqual([
    `${expected}: write NAME=value, with # before comments and quotes around a value of several lines`,
  ]);
});

test("a setting that a comment cuts short is named, and nothing else", () => {
  const cut = ["MITRE_PASSWORD", "OTHER"];
  expect(warnOfSettings([file({ MITRE_PASSWORD: "abc", OTHER: "x" }, { cut })], {}, connectors)).toEqual([
    `the value of MITRE_PASSWORD in ${path} ends before " #", which starts a comment: put the value in quotes if it contains " #"`,
  ]);
});
