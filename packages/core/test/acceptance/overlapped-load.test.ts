import { describeOnEmbeddedMongo } from "@cti-connectors/embedded-mongo/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { configureConnector } from "../../src/connector/configure-connector.js";
import type { ExtractedPage, LoadDocument, StoredContent } from "../../src/connector/connector.js";
import { defineConnector, stepFor } from "../../src/connector/define-connector.js";
import { createLogger } from "../../src/log/create-logger.js";
import { runConnectors } from "../../src/run/run-connectors.js";
import type { RunEvent } from "../../src/run/run-event.js";
import { openStore, type Store } from "../../src/store/open-store.js";
import { type FoundDocument, storedIn } from "../../src/store/read-database.js";

vi.setConfig({ testTimeout: 120_000 });

const recordsPerRun = 1_250;
const record = z.looseObject({ id: z.string().min(1), value: z.unknown(), seen: z.number() });
const checkpoint = z.object({ page: z.number() });
type Page = ExtractedPage<z.output<typeof checkpoint>>;
type Random = () => number;

/** Numbers from 0 to 1 by a linear congruential generator, with the constants of Numerical Recipes. */
function randomNumbers(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Shaped as an IOC or as an object of ATT&CK. Some are invalid, and some cannot be stored. */
function makeRecord(ids: readonly string[], random: Random): object {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const id = pick(ids);
  const seen = Math.floor(random() * 5);
  const ioc = {
    ...{ id, seen, value: pick(["203.0.113.5:80", "c2.example", "http://c2.example/a"]) },
    ...{ tags: pick([["a"], ["a", "b"], null]), reporter: pick(["abuse_ch", "someone"]) },
  };
  const object = {
    ...{
      id,
      seen,
      value: { type: "malware", name: pick(["Bear", "Beaver"]), refs: [{ external_id: "S0001" }] },
    },
    ...{ modified: pick(["2026-01-01", "2026-02-01"]), description: "x".repeat(random() * 1_000) },
  };
  const kind = random();
  if (kind < 0.02) {
    return { seen };
  }
  if (kind < 0.03) {
    return { ...ioc, value: "half a pair \ud800" };
  }
  return kind < 0.5 ? ioc : object;
}

/** Pages of any size, with the records of others again, with listings and without records. */
function makePages(random: Random): readonly Page[] {
  const ids = Array.from({ length: recordsPerRun * 0.7 }, (_, index) => `id-${index}`);
  const pages: Page[] = [];
  for (let left = recordsPerRun, page = 1; left > 0; page += 1) {
    const size = Math.min(left, 1 + Math.floor(random() ** 3 * 1_800));
    left -= size;
    const records = Array.from({ length: size }, () => makeRecord(ids, random));
    const kind = random();
    pages.push({
      records,
      ...(kind < 0.2 && { lists: ids.filter(() => random() < 0.9) }),
      ...(kind < 0.9 && { checkpoint: { page } }),
    });
    if (kind > 0.8) {
      pages.push({ checkpointOnly: { page } });
    }
  }
  return pages;
}

/** Keeps what was seen last, as a step does whose upstream sends older states again. */
function latest(document: LoadDocument, { data }: StoredContent): LoadDocument {
  const stored = record.parse(data);
  if (stored.seen === 3) {
    throw new Error("it was seen a third time");
  }
  return stored.seen > record.parse(document.data).seen ? { ...document, data } : document;
}

interface Variant {
  readonly reconciles: boolean;
  readonly keepsHistory: boolean;
  readonly fails: boolean;
}

function connectorOf(pages: readonly Page[], { reconciles, keepsHistory, fails }: Variant) {
  const things = stepFor({ config: z.object({}) })({
    name: "things",
    summary: "",
    collection: "things",
    keepsHistory,
    record,
    checkpoint,
    async *extract({ store }) {
      for (const [index, page] of pages.entries()) {
        const known = index % 3 === 2 ? await store.count("things", {}) : undefined;
        yield { ...page, ...(known !== undefined && { facts: { known } }) };
      }
      if (fails) {
        throw new Error("the upstream is gone");
      }
    },
    transform: ({ id, value, seen }) => ({ _id: id, enriched: { value: JSON.stringify(value), seen } }),
    ...(reconciles && { reconcile: latest }),
  });
  const source = defineConnector({ name: "source", summary: "", config: z.object({}), steps: [things] });
  return configureConnector(source, {});
}

/** What two runs, the second one with other pages, say and leave. */
async function outcomeOf(store: Store, variant: Variant, overlap: boolean, dryRun: boolean) {
  const random = randomNumbers(7);
  const events: unknown[] = [];
  const onEvent = (event: RunEvent) => events.push(withoutSeconds(event));
  const log = createLogger({ level: "silent" });
  for (const runId of ["first", "second"]) {
    const at = new Date(runId === "first" ? "2026-01-01" : "2026-02-01");
    const connectors = [connectorOf(makePages(random), variant)];
    const ofRun = { connectors, store, log, runId, overlap, onEvent, now: () => at, acceptRemovals: true };
    await runConnectors({ ...ofRun, dryRun: dryRun && runId === "second" });
  }
  const stored: Record<string, readonly FoundDocument[]> = {};
  for (const name of ["things", "etl_rejected", "etl_state"]) {
    stored[name] = await storedIn(store, name);
    await store.database.collection(name).drop();
  }
  return { events, stored };
}

function withoutSeconds(event: RunEvent): unknown {
  return JSON.parse(JSON.stringify(event, (name, value) => (name === "seconds" ? undefined : value)));
}

describeOnEmbeddedMongo("pages that are loaded with LOAD_OVERLAP on", (newDatabase) => {
  test.each([
    { reconciles: false, keepsHistory: false, fails: false, dryRun: false },
    { reconciles: false, keepsHistory: true, fails: true, dryRun: false },
    { reconciles: true, keepsHistory: true, fails: false, dryRun: false },
    { reconciles: true, keepsHistory: false, fails: false, dryRun: true },
  ])("leave and tell the same as with off: %o", async ({ dryRun, ...variant }) => {
    const store = await openStore({ ...newDatabase(), kind: "embedded" });
    onTestFinished(() => store.close());
    const off = await outcomeOf(store, variant, false, dryRun);
    const on = await outcomeOf(store, variant, true, dryRun);
    expect(on.stored).toEqual(off.stored);
    expect(on.events).toEqual(off.events);
    expect(off.stored.things?.length).toBeGreaterThan(500);
    expect(off.stored.etl_rejected?.length).toBeGreaterThan(10);
    if (variant.keepsHistory) {
      expect(off.stored.things?.filter(({ history }) => history !== undefined).length).toBeGreaterThan(50);
    }
  });
});
