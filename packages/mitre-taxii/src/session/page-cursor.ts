import { z } from "zod";

/** A `PageCursor` as it lies in a checkpoint. */
export const pageCursor = z.record(z.string(), z.string());
