import type { JsonObject } from "@cti-connectors/core";
import { z } from "zod";

/** An IOC as ThreatFox sent it. */
export interface IocRecord {
  /** ThreatFox's id; it stays the same when the record changes. */
  readonly id: string;
  readonly ioc: string;
  /** The record as received, unknown fields included. */
  readonly data: JsonObject;
}

const longestId = 128;
const idExpected = "id must be ThreatFox's number of this IOC, as a string or a whole number";

const identity = z.looseObject({
  id: z
    .union(
      [
        z.string().trim().min(1, idExpected).max(longestId, idExpected),
        z
          .int()
          .nonnegative()
          .transform((id) => String(id)),
      ],
      { error: idExpected },
    )
    .describe("normalised for `_id` only"),
  ioc: z.string({ error: "ioc must be a text" }).refine((ioc) => ioc.trim() !== "", "ioc is empty"),
});

/**
 * Accepts whatever has an id and an IOC: ThreatFox's other fields come and go, and a missing or odd one is no reason
 * to refuse a record.
 */
export const iocRecord = z
  .custom<JsonObject>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "an IOC must be a JSON object",
  )
  .transform((data, context): IocRecord => {
    const result = identity.safeParse(data);
    if (!result.success) {
      for (const { path, message } of result.error.issues) {
        context.addIssue({ code: "custom", path, message });
      }
      return z.NEVER;
    }
    return { id: result.data.id, ioc: result.data.ioc, data };
  });
