import type { HttpClient, HttpRequest, HttpResponse } from "./http-client.js";
import type { JsonValue } from "./json.js";
import { parseJson } from "./parse-json.js";

export interface JsonAnswer extends HttpResponse {
  readonly json: JsonValue;
}

/**
 * Sends a request whose answer is JSON. What is no JSON (nothing, a web page, JSON that was cut off) is asked for again as `findFault`
 * says. Values that cannot be kept as they came are marked, see `parseJson`.
 *
 * @throws HttpStatusError with a status of 2xx where no JSON came; what `HttpClient.request` throws
 */
export async function requestJson(
  http: HttpClient,
  url: string | URL,
  request: HttpRequest = {},
): Promise<JsonAnswer> {
  let json: JsonValue = null;
  const findFault = (answer: HttpResponse): string | undefined => {
    try {
      json = parseJson(answer.body, answer);
      return request.findFault?.(answer);
    } catch {
      return describeNonJson(answer.body);
    }
  };
  return { ...(await http.request(url, { ...request, findFault })), json };
}

/** What a body is that is no JSON, as a part of a sentence. */
export function describeNonJson(body: string): string {
  const start = body.slice(0, 512).trimStart();
  if (start === "") {
    return "an empty answer";
  }
  return start.startsWith("<") ? "a web page instead of JSON" : "malformed JSON, or a part of it";
}
