import { stepCounts } from "@cti-connectors/core/host";
import { z } from "zod";
import { time } from "./attack-json.js";

const step = stepCounts.extend({
  name: z.string(),
  facts: z.record(z.string(), z.number()).readonly().optional(),
  missing: z
    .array(z.string())
    .readonly()
    .optional()
    .meta({ description: "what the upstream lists but could not be loaded" }),
  gap: z
    .object({ from: z.string(), to: z.string() })
    .readonly()
    .optional()
    .meta({ description: "a span of time of which records may be missing" }),
});

const progress = z.object({
  connector: z.string(),
  step: z.string(),
  counts: stepCounts.optional(),
  total: z.number().optional(),
  bytes: z.object({ read: z.number(), total: z.number() }).optional(),
  waiting: z.object({ reason: z.string(), until: time }).optional(),
});

const run = z.object({
  runId: z.string(),
  status: z.enum(["running", "ok", "failed", "skipped", "interrupted"]),
  reason: z.string().optional(),
  startedAt: time,
  finishedAt: time.optional().meta({ description: "absent while it runs" }),
  progress: progress.optional(),
  report: z
    .object({
      name: z.string(),
      status: z.enum(["ok", "failed", "skipped", "interrupted"]),
      reason: z.string().optional(),
      requests: z.number(),
      retries: z.number(),
      throttled: z.number(),
      seconds: z.number(),
      steps: z.array(step).readonly(),
    })
    .optional(),
});

const stored = z.object({ name: z.string(), documents: z.number() });

export const statusJson = z
  .object({
    store: z.object({ kind: z.enum(["embedded", "mongodb"]), db: z.string(), host: z.string() }),
    connectors: z
      .array(
        z.object({
          name: z.string(),
          runs: z.array(run).readonly().meta({ description: "newest first" }),
          lastOkAt: time.optional().meta({ description: "when it last went through without a fault" }),
          rejected: z.number().meta({ description: "records in quarantine" }),
          budget: z
            .object({
              key: z.string(),
              quota: z.object({ requests: z.number(), windowMs: z.number() }),
              left: z.number().meta({ description: "requests that could be sent without waiting" }),
            })
            .optional(),
        }),
      )
      .readonly(),
    collections: z.array(stored.extend({ current: z.number(), newestAt: time.optional() })).readonly(),
    others: z.object({
      connectors: z.array(z.string()).readonly(),
      collections: z.array(stored).readonly(),
    }),
    rejected: z.number(),
  })
  .meta({ id: "Status" });
export type StatusJson = z.output<typeof statusJson>;

export const rejectedJson = z
  .object({
    total: z.number().meta({ description: "whatever the limit" }),
    records: z
      .array(
        z.object({
          id: z.string(),
          connector: z.string(),
          step: z.string(),
          reason: z.string(),
          firstSeenAt: time,
          lastSeenAt: time,
          times: z.number(),
          excerpt: z.string().meta({ description: "the beginning of the record as received" }),
          isWhole: z.boolean(),
        }),
      )
      .readonly(),
  })
  .meta({ id: "Rejected" });
export type RejectedJson = z.output<typeof rejectedJson>;
