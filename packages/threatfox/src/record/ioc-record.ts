import { isJsonObject, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { UnreadableEntry } from "./export-entry.js";
import { mapExportRecord } from "./map-export-record.js";

/** An IOC as ThreatFox sent it. */
export interface IocRecord {
  /** ThreatFox's id; it stays the same when the record changes. */
  readonly id: string;
  readonly ioc: string;
  /** The record as received, unknown fields included; that of an export in the form of the API. */
  readonly data: JsonObject;
  /** Its source: exports leave out some fields of the API. */
  readonly source: IocSource;
}

/** @see IocRecord.source */
export type IocSource = "api" | "export";

const longestId = 128;
const idExpected = "id must be ThreatFox's number of this IOC, as a string or a whole number";

const identity = z.object({
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
  ioc: z.string({ error: "ioc must be a string" }).refine((ioc) => ioc.trim() !== "", "ioc is empty"),
});

/**
 * Accepts whatever has an id and an IOC: ThreatFox's other fields come and go, and a missing or odd one is no reason
 * to refuse a record.
 *
 * A record that holds `ioc_value` is one of an export; it comes with its id as `ioc_id`, as in the CSV export.
 */
export const iocRecord = z
  .custom<JsonObject>((value) => isJsonObject(value) && !(value instanceof UnreadableEntry), {
    error: ({ input }) => (input instanceof UnreadableEntry ? input.reason : "an IOC must be a JSON object"),
  })
  .transform((received, context): IocRecord => {
    const source = Object.hasOwn(received, "ioc_value") && !Object.hasOwn(received, "ioc") ? "export" : "api";
    const result = identity.safeParse(
      source === "api" ? received : { id: received.ioc_id ?? received.id, ioc: received.ioc_value },
    );
    if (!result.success) {
      for (const { path, message } of result.error.issues) {
        context.addIssue({ code: "custom", path, message });
      }
      return z.NEVER;
    }
    const { id, ioc } = result.data;
    return { id, ioc, data: source === "api" ? received : mapExportRecord(id, received), source };
  });
