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
    alter: (connector) => (point === "after" ? connector : withPages(connector, altering[point](page))),
    onEvent({ type }) {
      pages += type === "page-loaded" ? 1 : 0;
      if (pages === page) {
        stop.abort(new Error("the test broke off the run"));
      }
    },
  };
}

type Page = ExtractedPage<CheckpointValue>;

/** What becomes of a page that a step yields; `number` counts from 1 over all steps. */
type AlterPage = (extracted: Page, number: number) => Page;

const altering = {
  "before the documents of":
    (last: number): AlterPage =>
    (extracted, number) => {
      if (number >= last) {
        throw new Error("the test ended the run before the page was stored");
      }
      return extracted;
    },
  "before the checkpoint of":
    (last: number): AlterPage =>
    (extracted, number) =>
      number === last ? withoutCheckpoint(extracted) : extracted,
};

function withPages(connector: ConfiguredConnector, alter: AlterPage): ConfiguredConnector {
  let pages = 0;
  const steps = connector.steps.map((step) => ({
    ...step,
    async *extract(context: Parameters<typeof step.extract>[0]) {
      for await (const extracted of step.extract(context)) {
        pages += 1;
        yield alter(extracted, pages);
      }
    },
  }));
  return { ...connector, steps };
}

function withoutCheckpoint(page: Page): Page {
  if ("checkpointOnly" in page) {
    const { checkpointOnly: _, ...details } = page;
    return { ...details, records: [] };
  }
  const { checkpoint: _, ...rest } = page;
  return rest;
}
