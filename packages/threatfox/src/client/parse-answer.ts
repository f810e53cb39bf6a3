import type { JsonValue } from "@cti-connectors/core";
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
export function parseAnswer(body: string): Answer | string {
  if (body.trim() === "") {
    return "an empty answer";
  }
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return /^\s*</u.test(body) ? "a web page instead of JSON" : "malformed JSON";
  }
  const parsed = frame.safeParse(json);
  return parsed.success
    ? { queryStatus: parsed.data.query_status, data: parsed.data.data }
    : "JSON without a query_status";
}
