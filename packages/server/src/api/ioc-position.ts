import type { IocPosition } from "@cti-connectors/pivot";
import { ProblemError } from "../answers/problem.js";

/** A position in the list of IOCs as opaque text. */
export function encodePosition({ first_seen, id }: IocPosition): string {
  return Buffer.from(`${first_seen.getTime()} ${id}`).toString("base64url");
}

/** @throws ProblemError where the text is not from an answer */
export function decodePosition(text: string): IocPosition {
  const [time = "", id] = Buffer.from(text, "base64url").toString("utf8").split(" ");
  const first_seen = new Date(/^\d{1,14}$/.test(time) ? Number(time) : Number.NaN);
  if (id === undefined || Number.isNaN(first_seen.getTime())) {
    throw new ProblemError(400, "before: expected the `next` of an answer.");
  }
  return { first_seen, id };
}
