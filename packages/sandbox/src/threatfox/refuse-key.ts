/**
 * The answer to a request for an export without the right key: 401 `{"error": "Unauthorized"}` without one
 * (https://github.com/elastic/beats/issues/46995), 403 with one that abuse.ch does not know.
 *
 * @returns undefined where the key is right
 */
export function refuseKey(given: string | undefined, expected: string): Response | undefined {
  if (given === expected) {
    return undefined;
  }
  return given === undefined || given === ""
    ? Response.json({ error: "Unauthorized" }, { status: 401 })
    : Response.json({ query_status: "unknown_auth_key" }, { status: 403 });
}
