import {
  explainInsecureUrl,
  type HttpClient,
  type HttpResponse,
  HttpStatusError,
  HttpUrlError,
  hideUrlSecrets,
  type JsonObject,
  type JsonValue,
  redactSecrets,
} from "@cti-connectors/core";
import { explainQueryStatus, keyAdvice } from "./explain-query-status.js";
import { type Answer, parseAnswer } from "./parse-answer.js";
import { ThreatfoxError } from "./threatfox-error.js";

/** Where queries go, and as whom. */
export interface ThreatfoxConnection {
  readonly http: HttpClient;
  /** Such as `https://threatfox-api.abuse.ch/api/v1/`. */
  readonly apiUrl: string;
  readonly authKey: string;
}

const emptyStatuses: ReadonlySet<string> = new Set(["no_result", "no_results"]);
const longestSentence = 200;
/** What is longer is an answer, and need not be parsed twice. */
const longestRefusal = 10_000;

/**
 * Sends one query and checks the answer twice: the HTTP status, then `query_status`, because ThreatFox sends errors
 * with 200, too.
 *
 * @returns `data` as received; undefined where ThreatFox has nothing to tell (`no_result`)
 * @throws HttpUrlError where the key must not be sent to `apiUrl`
 * @throws ThreatfoxError where the query was refused or the answer is not one of ThreatFox's
 * @throws HttpConnectionError where no answer came
 */
export async function queryThreatfox(
  connection: ThreatfoxConnection,
  query: JsonObject,
): Promise<JsonValue | undefined> {
  const insecure = explainInsecureUrl(connection.apiUrl, "the key is sent there");
  if (insecure !== undefined) {
    throw new HttpUrlError(`API_URL ${insecure} (given: ${hideUrlSecrets(connection.apiUrl)})`);
  }
  const { status, answer } = await send(connection, query);
  if (emptyStatuses.has(answer.queryStatus)) {
    return undefined;
  }
  if (answer.queryStatus !== "ok") {
    throw describeRefusal(answer, status, connection.authKey);
  }
  if (answer.data === undefined || answer.data === null) {
    throw new ThreatfoxError("ThreatFox answered ok, but sent no data: try again later", {
      queryStatus: answer.queryStatus,
      httpStatus: status,
    });
  }
  return answer.data;
}

async function send(
  { http, apiUrl, authKey }: ThreatfoxConnection,
  query: JsonObject,
): Promise<{ readonly status: number; readonly answer: Answer }> {
  const taken: { answer?: Answer } = {};
  const findFault = ({ body, isUtf8 }: HttpResponse) => {
    const answer = parseAnswer(body, { isUtf8 });
    if (typeof answer === "string") {
      return answer;
    }
    taken.answer = answer;
    return undefined;
  };
  try {
    const { status } = await http.request(apiUrl, {
      method: "POST",
      headers: { "Auth-Key": authKey, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(query),
      findFault,
      isThrottled,
    });
    if (taken.answer === undefined) {
      throw new TypeError("the HTTP client did not ask whether the answer can be used");
    }
    return { status, answer: taken.answer };
  } catch (error) {
    throw error instanceof HttpStatusError ? describeStatus(error, authKey) : error;
  }
}

/**
 * ThreatFox refuses what comes too often with 402, or with 200, as well: by its `query_status`, or with a `Retry-After`. A refusal of the query
 * or the key comes without one.
 */
function isThrottled({ status, headers, body }: HttpResponse): boolean {
  if ((status !== 200 && status !== 402) || body.length > longestRefusal) {
    return false;
  }
  const answer = parseAnswer(body);
  if (typeof answer === "string") {
    return status === 402 && headers.has("retry-after");
  }
  const isRefusal = answer.queryStatus !== "ok" && !emptyStatuses.has(answer.queryStatus);
  return isRefusal && (headers.has("retry-after") || /rate.?limit|too.?many/iu.test(answer.queryStatus));
}

function describeStatus(error: HttpStatusError, authKey: string): ThreatfoxError {
  if (error.fault !== undefined) {
    return new ThreatfoxError(
      `ThreatFox sent ${error.fault} with HTTP status ${error.status}${error.advice === undefined ? "" : ` (${error.advice})`}: check API_URL, and whether a proxy answers in its place`,
      { httpStatus: error.status },
    );
  }
  const answer = parseAnswer(error.body);
  if (typeof answer !== "string") {
    return describeRefusal(answer, error.status, authKey, error.advice);
  }
  const advice = error.status === 401 || error.status === 403 ? ` (${keyAdvice})` : "";
  return new ThreatfoxError(`${redactSecrets(error.message, [authKey])}${advice}`, {
    httpStatus: error.status,
  });
}

/** @param known what the HTTP client knows: after how many waits it gave up, until when ThreatFox wants us to wait */
function describeRefusal(
  answer: Answer,
  httpStatus: number,
  authKey: string,
  known?: string,
): ThreatfoxError {
  const refusesKey = httpStatus === 401 || httpStatus === 403;
  const advice = explainQueryStatus(answer.queryStatus) ?? (refusesKey ? keyAdvice : known);
  const queryStatus = shorten(redactSecrets(answer.queryStatus, [authKey]));
  const sentence = answer.said === undefined ? undefined : shorten(redactSecrets(answer.said, [authKey]));
  const said = [queryStatus, sentence].filter((part) => part !== undefined && part !== "").join(": ");
  return new ThreatfoxError(
    `ThreatFox refused the query: ${said}${advice === undefined ? "" : ` (${advice})`}`,
    { queryStatus, httpStatus },
  );
}

function shorten(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length <= longestSentence ? line : `${line.slice(0, longestSentence - 1)}…`;
}
