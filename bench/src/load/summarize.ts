import { median } from "../median.js";
import type { Measurement } from "./measure.js";
import type { VariantName } from "./variants.js";

export interface Summary {
  readonly variant: VariantName;
  readonly title: string;
  /** Fewer than all: the times are extrapolated from these. */
  readonly measuredDocuments: number;
  /** Over the rounds. */
  readonly medianSeconds: number;
  readonly fastestSeconds: number;
  readonly slowestSeconds: number;
  readonly documentsPerSecond: number;
  /** Median time over the median time of insertMany on the same server: 2 takes twice as long. */
  readonly ratioToInsertMany: number;
}

export function summarize(measurements: readonly Measurement[], documents: number): readonly Summary[] {
  const reference = measurements.find(({ variant }) => variant.name === "insertMany");
  const referenceSeconds = median(reference?.seconds ?? []);
  return measurements.map(({ variant, seconds, leastDocuments }) => {
    const medianSeconds = median(seconds);
    return {
      variant: variant.name,
      title: variant.title,
      measuredDocuments: leastDocuments,
      medianSeconds,
      fastestSeconds: Math.min(...seconds),
      slowestSeconds: Math.max(...seconds),
      documentsPerSecond: documents / medianSeconds,
      ratioToInsertMany: medianSeconds / referenceSeconds,
    };
  });
}
