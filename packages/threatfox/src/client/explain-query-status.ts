/** What to do about a key that ThreatFox does not accept. */
export const keyAdvice = "check THREATFOX_API_KEY; a key is free at https://auth.abuse.ch/";

const advice: ReadonlyMap<string, string> = new Map([
  ["unknown_auth_key", keyAdvice],
  ["auth_key_required", keyAdvice],
  ["missing_auth_key", keyAdvice],
  ["no_auth_key", keyAdvice],
  ["illegal_auth_key", keyAdvice],
  ["illegal_days", "QUERY_DAYS must be a whole number from 1 to 7"],
  [
    "illegal_query",
    "check that API_URL is the address of ThreatFox's API and not of another abuse.ch service",
  ],
]);

/** What to do about a `query_status`, as half a sentence; undefined where the status says it all. */
export function explainQueryStatus(queryStatus: string): string | undefined {
  return advice.get(queryStatus);
}
