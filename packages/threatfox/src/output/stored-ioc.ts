import { z } from "zod";
import { exportedFields } from "../record/enrich-ioc.js";

/** A document of the IOC collection, as far as exports need it. */
export const storedIoc = z.object({
  _id: z.string(),
  first_ingested_at: z.date(),
  /** When it changed last. */
  ingested_at: z.date(),
  enriched: exportedFields,
});

/** @see storedIoc */
export type StoredIoc = z.output<typeof storedIoc>;
