import type { RunEvent } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { counts } from "../testing/counts.js";
import { noProgress, reduceProgress } from "./reduce-progress.js";
import { tellsNews } from "./tells-news.js";

const page = (extracted: number): Extract<RunEvent, { type: "batch-stored" | "page-loaded" }> => ({
  type: "page-loaded",
  connector: "threatfox",
  step: "iocs",
  counts: counts({ extracted }),
});
const started: RunEvent = { type: "connector-started", connector: "threatfox", steps: ["iocs"] };
const progress = [started, page(3)].reduce(
  (before, event) => reduceProgress(before, event, new Date()),
  noProgress,
);

test("a page with records is news, one without is not", () => {
  expect(tellsNews(noProgress, page(0))).toBe(true);
  expect(tellsNews(progress, page(4))).toBe(true);
  expect(tellsNews(progress, page(3))).toBe(false);
});

test("a download that goes on is none", () => {
  expect(tellsNews(noProgress, { ...page(0), bytes: { read: 1, total: 9 } })).toBe(false);
  expect(tellsNews(noProgress, { ...page(1), bytes: { read: 1, total: 9 } })).toBe(true);
});

test("everything else is news", () => {
  expect(tellsNews(progress, { type: "resumed", connector: "threatfox" })).toBe(true);
});
