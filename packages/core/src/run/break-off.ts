import type { ConfiguredConnector } from "../connector/configure-connector.js";
import type { CheckpointValue, ExtractedPage } from "../connector/connector.js";
import type { TestRunOptions } from "./run-in-test.js";

/** Where a run ends early: after a page and its checkpoint, between the documents of the page and its checkpoint, or before both. */
export type BreakingPoint = "after" | "before the checkpoint of" | "before the documents of";

/**
 * What lets `runInTest` end early. Each result is for one run.
 *
 * @param page counted from 1 over all steps
 */
export function breakOffAt(
  page: number,
  point: BreakingPoint,
): Required<Pick<TestRunOptions, "signal" | "alter" | "onEvent">> {
  const stop = new AbortController();
  let pages = 0;
  return {
    signal: stop.signal,
    alter: (connector) => (point === "after" ? connector : altering[point](page, connector)),
    onEvent({ type }) {
      pages += type === "page-loaded" ? 1 : 0;
      if (pages === page) {
        stop.abort(new Error("the test broke off the run"));
      }
    },
  };
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
          throw new Error("the test ended the run before the page was stored");
        }
        yield extracted;
      }
    },
  }));
  return { ...connector, steps };
}

/** A connector whose run does not save the checkpoint of this page, counted from 1 over all steps. */
function withoutCheckpointOf(page: number, connector: ConfiguredConnector): ConfiguredConnector {
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
