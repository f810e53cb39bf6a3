import { z } from "zod";
import { keepMarks } from "../json/altered-values.js";
import type { JsonValue } from "../json/json.js";
import { JsonWeightError, parseJson } from "../json/parse-json.js";
import { conditionHeaders, notModifiedOf, validatorsOf } from "./conditions.js";
import type {
  ConditionalJsonRequest,
  HttpClient,
  HttpResponse,
  JsonAnswer,
  JsonRequest,
  NotModified,
} from "./http-client.js";
import type { SendExchange } from "./send-with-retries.js";

const mostFieldsNamed = 3;

/** Makes the `json` of a client. */
export function createJsonMethod(exchangeWith: (url: string | URL) => SendExchange): HttpClient["json"] {
  function json<Schema extends z.ZodType>(
    url: string | URL,
    schema: Schema,
    request?: JsonRequest,
  ): Promise<JsonAnswer<z.output<Schema>>>;
  function json<Schema extends z.ZodType>(
    url: string | URL,
    schema: Schema,
    request: ConditionalJsonRequest,
  ): Promise<JsonAnswer<z.output<Schema>> | NotModified>;
  async function json(
    url: string | URL,
    schema: z.ZodType,
    request: JsonRequest | ConditionalJsonRequest = {},
  ) {
    return requestJson(exchangeWith(url), schema, request);
  }
  return json;
}

async function requestJson<Schema extends z.ZodType>(
  send: SendExchange,
  schema: Schema,
  { ifNoneMatch, ifModifiedSince, ...request }: JsonRequest | ConditionalJsonRequest,
): Promise<JsonAnswer<z.output<Schema>> | NotModified> {
  const conditions = conditionHeaders({ ifNoneMatch, ifModifiedSince });
  const taken: { body: { readonly value: z.output<Schema> } | undefined } = { body: undefined };
  const findFault = (answer: HttpResponse): string | undefined => {
    const read = readJson(answer, schema);
    taken.body = read.body;
    return read.fault;
  };
  const headers = { ...request.headers, ...conditions };
  const answer = await send({
    request: () => ({ ...request, headers, findFault }),
    takesNotModified: conditions !== undefined,
  });
  const notModified = notModifiedOf(answer);
  if (notModified !== undefined) {
    return notModified;
  }
  if (taken.body === undefined) {
    throw new TypeError("expected the answer to have been read");
  }
  return {
    notModified: false,
    url: answer.url,
    status: answer.status,
    headers: answer.headers,
    body: taken.body.value,
    validators: validatorsOf(answer.headers),
    attempts: answer.attempts ?? 1,
  };
}

type Read<Value> =
  | { readonly body: { readonly value: Value }; readonly fault?: never }
  | { readonly body?: never; readonly fault: string };

function readJson<Schema extends z.ZodType>(answer: HttpResponse, schema: Schema): Read<z.output<Schema>> {
  let json: JsonValue;
  try {
    json = parseJson(answer.body, answer);
  } catch (error) {
    return { fault: describeNonJson(answer.body, error) };
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    return { fault: describeMismatch(parsed.error) };
  }
  keepMarks(json, parsed.data);
  return { body: { value: parsed.data } };
}

/** What a body is that `parseJson` has refused, as a part of a sentence. */
function describeNonJson(body: string, error: unknown): string {
  if (error instanceof JsonWeightError) {
    return `${error.message}, more than may be held in memory`;
  }
  const start = body.slice(0, 512).trimStart();
  if (start === "") {
    return "an empty answer";
  }
  return start.startsWith("<") ? "a web page instead of JSON" : "malformed or incomplete JSON";
}

/** Names the first fields that do not fit, and what was expected of them; no values. */
function describeMismatch({ issues }: z.ZodError): string {
  const named = issues.slice(0, mostFieldsNamed).map(({ path, message }) => {
    const expected = message
      .replace(/^Invalid input: /, "")
      .replace(/, received undefined$/, ", but it is missing");
    return path.length === 0 ? expected : `${z.core.toDotPath(path)}: ${expected}`;
  });
  const others = issues.length - named.length;
  return `JSON that does not fit (${named.join("; ")}${others > 0 ? `; and ${others} more` : ""})`;
}
