import { expect, test } from "vitest";
import { explainQueryStatus } from "./explain-query-status.js";

test.each([
  ["unknown_auth_key", /THREATFOX_API_KEY.*https:\/\/auth\.abuse\.ch\//u],
  ["auth_key_required", /THREATFOX_API_KEY.*https:\/\/auth\.abuse\.ch\//u],
  ["illegal_days", /QUERY_DAYS/u],
  ["illegal_query", /API_URL/u],
])("%s names the setting", (status, advice) => {
  expect(explainQueryStatus(status)).toMatch(advice);
});

test.each(["illegal_search_term", "toString", "__proto__", ""])("%j speaks for itself", (status) => {
  expect(explainQueryStatus(status)).toBeUndefined();
});
