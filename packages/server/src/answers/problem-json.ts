import { z } from "zod";

/** RFC 9457. */
export const problemJson = z
  .object({
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "what happened, and what to do" }),
  })
  .meta({ id: "Problem" });
export type ProblemJson = z.output<typeof problemJson>;
