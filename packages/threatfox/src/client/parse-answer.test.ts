import { expect, test } from "vitest";
import { parseAnswer } from "./parse-answer.js";

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

test.each([
  ["", "an empty answer"],
  [" \n", "an empty answer"],
  ["<!DOCTYPE html><html>…", "a web page instead of JSON"],
  ['{"query_status":"ok","da', "malformed JSON, or a part of it"],
  ["Service unavailable", "malformed JSON, or a part of it"],
  ["{}", "JSON without a query_status"],
  ['{"query_status":7}', "JSON without a query_status"],
  ["[]", "JSON without a query_status"],
  ["null", "JSON without a query_status"],
])("%j is %s", (body, reason) => {
  expect(parseAnswer(body)).toBe(reason);
});
