import { describeNonJson, type JsonValue, type ParseJsonOptions, parseJson } from "@cti-connectors/core";
import { z } from "zod";

/** The frame of every ThreatFox answer. */
export interface Answer {
  readonly queryStatus: string;
  /** undefined: missing. */
  readonly data: JsonValue | undefined;
}

// `data` comes out of JSON.parse: walking through all of it again would prove nothing.
const frame = z.looseObject({ query_status: z.string(), data: z.custom<JsonValue>().optional() });

/**
 * Reads the frame of an answer.
 *
 * @returns a text where the body is not such an answer: the part of a sentence that says what it is instead
 */
export function parseAnswer(body: string, options: ParseJsonOptions = {}): Answer | string {
  let json: unknown;
  try {
    json = parseJson(body, options);
  } catch {
    return describeNonJson(body);
  }
  const parsed = frame.safeParse(json);
  return parsed.success
    ? { queryStatus: parsed.data.query_status, data: parsed.data.data }
    : "JSON without a query_status";
}
