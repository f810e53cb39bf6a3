import {
  describeNonJson,
  errorTextOf,
  type JsonValue,
  type ParseJsonOptions,
  parseJson,
} from "@cti-connectors/core";
import { z } from "zod";

/** The frame of every ThreatFox answer. */
export interface Answer {
  readonly queryStatus: string;
  /** undefined: missing. */
  readonly data: JsonValue | undefined;
  /** What a refusal says beside its status. */
  readonly said?: string;
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
  } catch (error) {
    return describeNonJson(body, error);
  }
  const parsed = frame.safeParse(json);
  if (!parsed.success) {
    return "JSON without a query_status";
  }
  const { query_status: queryStatus, data, ...others } = parsed.data;
  const texts = [typeof data === "string" ? data.trim() : "", errorTextOf(others) ?? ""];
  const said = texts.filter((text) => text !== "").join(": ");
  return { queryStatus, data, ...(said !== "" && { said }) };
}
