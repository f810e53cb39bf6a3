import type { CheckpointValue, ExtractedPage } from "@cti-connectors/core";
import type { ConfiguredConnector, Store } from "@cti-connectors/core/host";
import type { Trial, TrialRun } from "./trial.js";

/** Where a run ends early: after a page and its checkpoint, between the documents of the page and its checkpoint, or before both. */
export type BreakingPoint = "after" | "before the checkpoint of" | "before the documents of";

/** Runs until so many pages of all steps are stored. */
export async function breakOff(
  trial: Trial,
  store: Store,
  page: number,
  point: BreakingPoint,
): Promise<TrialRun> {
  const stop = new AbortController();
  let pages = 0;
  return trial.run(store, {
    signal: stop.signal,
    ...(point !== "after" && { alter: (connector) => altering[point](page, connector) }),
    onEvent({ type }) {
      pages += type === "page-loaded" ? 1 : 0;
      if (pages === page) {
        stop.abort(new Error("the suite broke off the run"));
      }
    },
  });
}

const altering = { "before the checkpoint of": withoutCheckpointOf, "before the documents of": losingPage };

/** A connector whose run ends when it has this page in hand, counted from 1 over all steps. */
function losingPage(page: number, connector: ConfiguredConnector): ConfiguredConnector {
  let pages = 0;
  const steps = connector.steps.map((step) => ({
    ...step,
    async *extract(context: Parameters<typeof step.extract>[0]) {
      for await (const extracted of step.extract(context)) {
        pages += 1;
        if (pages >= page) {
          throw new Error("the suite ended the run before the page was stored");
        }
        yield extracted;
      }
    },
  }));
  return { ...connector, steps };
}

/**
 * A connector whose run does not save the checkpoint of one page, as after a crash between the last write of the page and that of its
 * checkpoint.
 *
 * @param page counted from 1 over all steps
 */
export function withoutCheckpointOf(page: number, connector: ConfiguredConnector): ConfiguredConnector {
  let pages = 0;
  const steps = connector.steps.map((step) => ({
    ...step,
    async *extract(context: Parameters<typeof step.extract>[0]) {
      for await (const extracted of step.extract(context)) {
        pages += 1;
        yield pages === page ? withoutCheckpoint(extracted) : extracted;
      }
    },
  }));
  return { ...connector, steps };
}

function withoutCheckpoint(page: ExtractedPage<CheckpointValue>): ExtractedPage<CheckpointValue> {
  if ("checkpointOnly" in page) {
    const { checkpointOnly: _, ...details } = page;
    return { ...details, records: [] };
  }
  const { checkpoint: _, ...rest } = page;
  return rest;
}
