import type { JsonValue } from "../json/json.js";
import { JsonWeightError, parseJson } from "../json/parse-json.js";
import type { HttpClient, HttpRequest, HttpResponse } from "./http-client.js";

/** Without its text, which takes as much memory as its values. */
export interface JsonAnswer extends Omit<HttpResponse, "body"> {
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
    } catch (error) {
      return describeNonJson(answer.body, error);
    }
  };
  const { body: _, ...answer } = await http.request(url, { ...request, findFault });
  return { ...answer, json };
}

/** What a body is that `parseJson` has refused, as a part of a sentence. */
export function describeNonJson(body: string, error: unknown): string {
  if (error instanceof JsonWeightError) {
    return `${error.message}, more than the memory is to hold`;
  }
  const start = body.slice(0, 512).trimStart();
  if (start === "") {
    return "an empty answer";
  }
  return start.startsWith("<") ? "a web page instead of JSON" : "malformed JSON, or a part of it";
}
