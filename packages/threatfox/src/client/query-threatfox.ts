import {
  errorTextOf,
  explainInsecureUrl,
  type HttpClient,
  type HttpResponse,
  HttpStatusError,
  HttpUrlError,
  hideUrlSecrets,
  type JsonObject,
  type JsonValue,
  oneLine,
  parseJson,
  redactSecrets,
} from "@cti-connectors/core";
import { z } from "zod";
import { ThreatfoxError } from "./threatfox-error.js";

/** The API's address and the key. */
export interface ThreatfoxConnection {
  readonly http: HttpClient;
  /** Such as `https://threatfox-api.abuse.ch/api/v1/`. */
  readonly apiUrl: string;
  readonly authKey: string;
  /** The names of these settings in errors. Default: the names here. */
  readonly settingNames?: SettingNames;
}

export interface SettingNames {
  readonly apiUrl: string;
  readonly authKey: string;
  readonly days: string;
}

const ownNames: SettingNames = { apiUrl: "apiUrl", authKey: "authKey", days: "days" };

/** How many days back `get_iocs` reaches. */
export const queryDays = { min: 1, max: 7 } as const;

const emptyStatuses: ReadonlySet<string> = new Set(["no_result", "no_results"]);
const longestSentence = 200;
/** What is longer is an answer, and need not be parsed twice. */
const longestRefusal = 10_000;

/**
 * Sends one query and checks the answer twice: the HTTP status, then `query_status`, because ThreatFox sends errors
 * with 200, too.
 *
 * @returns `data` as received; undefined if there is no result (`no_result`)
 * @throws HttpUrlError if the key must not be sent to `apiUrl`
 * @throws ThreatfoxError if the query was refused or the answer is not one of ThreatFox's
 * @throws HttpConnectionError if no answer came
 */
export async function queryThreatfox(
  connection: ThreatfoxConnection,
  query: JsonObject,
): Promise<JsonValue | undefined> {
  const { apiUrl, authKey, settingNames = ownNames } = connection;
  const insecure = explainInsecureApiUrl(apiUrl);
  if (insecure !== undefined) {
    throw new HttpUrlError(`${settingNames.apiUrl} ${insecure} (given: ${hideUrlSecrets(apiUrl)})`);
  }
  const { status, answer } = await send(connection, query);
  if (emptyStatuses.has(answer.queryStatus)) {
    return undefined;
  }
  if (answer.queryStatus !== "ok") {
    throw describeRefusal(answer, status, { authKey, settingNames });
  }
  if (answer.data === undefined || answer.data === null) {
    throw new ThreatfoxError("ThreatFox answered ok, but sent no data: try again later", {
      queryStatus: answer.queryStatus,
      httpStatus: status,
    });
  }
  return answer.data;
}

/** Why the key must not be sent to an address, as the rest of a sentence about its setting; undefined if it may be. */
export function explainInsecureApiUrl(apiUrl: string): string | undefined {
  return explainInsecureUrl(apiUrl, "the key is sent there");
}

/** The header that authenticates a query. */
export function authHeaders(authKey: string): Readonly<Record<string, string>> {
  return { "Auth-Key": authKey };
}

async function send(
  { http, apiUrl, authKey, settingNames = ownNames }: ThreatfoxConnection,
  query: JsonObject,
): Promise<{ readonly status: number; readonly answer: Answer }> {
  try {
    const { status, body } = await http.json(apiUrl, answerSchema, {
      method: "POST",
      headers: {
        ...authHeaders(authKey),
        "content-type": "application/json",
        accept: "application/json",
      },
      body: JSON.stringify(query),
      isThrottled,
    });
    return { status, answer: body };
  } catch (error) {
    throw error instanceof HttpStatusError ? describeStatus(error, { authKey, settingNames }) : error;
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
  if (answer === undefined) {
    return status === 402 && headers.has("retry-after");
  }
  const isRefusal = answer.queryStatus !== "ok" && !emptyStatuses.has(answer.queryStatus);
  return isRefusal && (headers.has("retry-after") || /rate.?limit|too.?many/iu.test(answer.queryStatus));
}

type Caller = Required<Pick<ThreatfoxConnection, "authKey" | "settingNames">>;

function describeStatus(error: HttpStatusError, caller: Caller): ThreatfoxError {
  const { authKey, settingNames } = caller;
  if (error.fault !== undefined) {
    return new ThreatfoxError(
      `ThreatFox sent ${error.fault} with HTTP status ${error.status}${error.advice === undefined ? "" : ` (${error.advice})`}: check ${settingNames.apiUrl}, and whether a proxy answers instead`,
      { httpStatus: error.status },
    );
  }
  const answer = parseAnswer(error.body);
  if (answer !== undefined) {
    return describeRefusal(answer, error.status, caller, error.advice);
  }
  const advice =
    error.status === 401 || error.status === 403 ? ` (${adviseOnKey(settingNames.authKey)})` : "";
  return new ThreatfoxError(`${redactSecrets(error.message, [authKey])}${advice}`, {
    httpStatus: error.status,
  });
}

/** @param known what the HTTP client knows: after how many waits it gave up, until when ThreatFox wants us to wait */
function describeRefusal(
  answer: Answer,
  httpStatus: number,
  { authKey, settingNames }: Caller,
  known?: string,
): ThreatfoxError {
  const refusesKey = httpStatus === 401 || httpStatus === 403;
  const advice =
    explainQueryStatus(answer.queryStatus, settingNames) ??
    (refusesKey ? adviseOnKey(settingNames.authKey) : known);
  const queryStatus = oneLine(redactSecrets(answer.queryStatus, [authKey]).trim(), longestSentence);
  const sentence =
    answer.said === undefined
      ? undefined
      : oneLine(redactSecrets(answer.said, [authKey]).trim(), longestSentence);
  const said = [queryStatus, sentence].filter((part) => part !== undefined && part !== "").join(": ");
  return new ThreatfoxError(
    `ThreatFox refused the query: ${said}${advice === undefined ? "" : ` (${advice})`}`,
    { queryStatus, httpStatus },
  );
}

/** The frame of every ThreatFox answer. */
export interface Answer {
  readonly queryStatus: string;
  /** undefined: missing. */
  readonly data: JsonValue | undefined;
  /** What a refusal says beside its status. */
  readonly said?: string;
}

// `data` comes out of JSON.parse: walking through all of it again would prove nothing.
const answerSchema = z
  .looseObject({ query_status: z.string(), data: z.custom<JsonValue>().optional() })
  .transform(({ query_status: queryStatus, data, ...others }): Answer => {
    const texts = [typeof data === "string" ? data.trim() : "", errorTextOf(others) ?? ""];
    const said = texts.filter((text) => text !== "").join(": ");
    return { queryStatus, data, ...(said !== "" && { said }) };
  });

/** Reads the frame of an answer; undefined if the body is none. */
export function parseAnswer(body: string): Answer | undefined {
  try {
    return answerSchema.safeParse(parseJson(body)).data;
  } catch {
    return undefined;
  }
}

/** What to do about a key that ThreatFox does not accept, as half a sentence. */
export function adviseOnKey(setting: string): string {
  return `check ${setting}; a key is free at https://auth.abuse.ch/`;
}

/** What to do about a `query_status`, as half a sentence; undefined if the status says it all. */
export function explainQueryStatus(queryStatus: string, names = ownNames): string | undefined {
  switch (queryStatus) {
    case "unknown_auth_key":
    case "auth_key_required":
    case "missing_auth_key":
    case "no_auth_key":
    case "illegal_auth_key":
      return adviseOnKey(names.authKey);
    case "illegal_days":
      return `${names.days} must be a whole number from ${queryDays.min} to ${queryDays.max}`;
    case "illegal_query":
      return `check that ${names.apiUrl} is the address of ThreatFox's API and not of another abuse.ch service`;
    default:
      return undefined;
  }
}
