import { expect, test } from "vitest";
import { settingNames } from "../config/threatfox-config.js";
import { explainQueryStatus, parseAnswer } from "./query-threatfox.js";

test("data is kept as it is, null and missing told apart", () => {
  expect(parseAnswer('{"query_status":"ok","data":[1,{"a":null}]}')).toEqual({
    queryStatus: "ok",
    data: [1, { a: null }],
  });
  expect(parseAnswer('{"query_status":"no_result","data":null}')).toEqual({
    queryStatus: "no_result",
    data: null,
  });
  expect(parseAnswer('{"query_status":"x"}')).toEqual({ queryStatus: "x", data: undefined });
});

test.each(["", '{"query_status":"ok","da', "Service unavailable", "{}", '{"query_status":7}', "[]", "null"])(
  "%j is no answer of ThreatFox's",
  (body) => {
    expect(parseAnswer(body)).toBeUndefined();
  },
);

test.each([
  ["unknown_auth_key", /THREATFOX_API_KEY.*https:\/\/auth\.abuse\.ch\//u],
  ["auth_key_required", /THREATFOX_API_KEY.*https:\/\/auth\.abuse\.ch\//u],
  ["illegal_days", /QUERY_DAYS/u],
  ["illegal_query", /API_URL/u],
])("%s names the setting", (status, advice) => {
  expect(explainQueryStatus(status, settingNames)).toMatch(advice);
});

test.each([
  ["unknown_auth_key", "check authKey; a key is free at https://auth.abuse.ch/"],
  ["illegal_days", "days must be a whole number from 1 to 7"],
  ["illegal_query", /^check that apiUrl is /u],
])("without names of settings, %s names what the client was given", (status, advice) => {
  expect(explainQueryStatus(status)).toMatch(advice);
});

test.each(["illegal_search_term", "toString", "__proto__", ""])("%j speaks for itself", (status) => {
  expect(explainQueryStatus(status)).toBeUndefined();
});
