import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConnectorReport } from "@cti-connectors/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type FaultOutcome, type FaultRow, renderFaultTables } from "./fault-table.testing.js";
import { compare, type FaultWorld, openFaultWorld, wrongDocuments } from "./fault-world.testing.js";
import { type HttpFault, type HttpPlace, httpFaults, httpPlaces } from "./http-faults.testing.js";

const folder = mkdtempSync(join(tmpdir(), "faults-"));
const worlds = new Map<string, FaultWorld>();
const rows: FaultRow[] = [];

beforeAll(async () => {
  // No wait between two attempts.
  vi.spyOn(Math, "random").mockReturnValue(0);
  for (const flavor of ["attack", "standard"] as const) {
    worlds.set(flavor, await openFaultWorld(folder, flavor));
  }
});
afterAll(async () => {
  for (const world of worlds.values()) {
    await world.close();
  }
  rmSync(folder, { recursive: true, force: true });
  vi.restoreAllMocks();
});

const httpRows = httpPlaces.flatMap((place) => httpFaults.map((fault) => ({ place, fault })));

describe("HTTP", () => {
  test.each(httpRows)("$place.name: $fault.name", async ({ place, fault }) => {
    const once = await runThrough(place, fault, 1);
    const forEver = await runThrough(place, fault, Number.POSITIVE_INFINITY);
    rows.push({ place: place.name, fault: fault.name, once, forEver });
  });
});

const preface = `# What happens when something fails

Every row below is a test: \`apps/runner/src/faults/fault-matrix.test.ts\` makes the fault, once and for ever, and writes
this page. One retry is allowed (\`HTTP_RETRIES=1\`; the default is 4), and an answer has one second
(\`HTTP_TIMEOUT_MS=1000\`; the default is 30,000).

For every row the test checks that

- no stored document is wrong, marked as removed, or in quarantine because of the fault;
- the next run, without the fault, ends well and leaves the database as if nothing had happened.

The message is that of the run in which the fault lasts.

## HTTP
`;

/** A run with the fault stores nothing wrong, and the next one without it stores the rest. */
async function runThrough(place: HttpPlace, { answer }: HttpFault, times: number): Promise<FaultOutcome> {
  const world = worlds.get(place.flavor ?? "attack");
  if (world === undefined) {
    throw new Error("the world of the test is not open");
  }
  const { connector, upstream, path, skip = 0 } = place;
  const undisturbed = world.undisturbed(connector);
  const store = await world.newDatabase();
  const takeBack = world.sandbox.addFault({ upstream, path, skip, answer, times });
  const report = await world.run(connector, store);
  expect(takeBack(), "how often the fault was met").toBeGreaterThan(0);
  const stored = await compare(store, undisturbed);
  expect(wrongDocuments(stored)).toEqual([]);
  expect(rejectedOrRemoved(report)).toBe(0);

  const next = await world.run(connector, store);
  expect({ status: next.status, reason: next.reason }).toEqual({ status: "ok", reason: undefined });
  expect((await compare(store, undisturbed)).differences).toEqual([]);
  const all = await compare(undisturbed, undisturbed);
  await store.database.dropDatabase();
  return { report, stored: stored.documents, all: all.documents };
}

function rejectedOrRemoved({ steps }: ConnectorReport): number {
  return steps.reduce(
    (sum, { rejected, withdrawn, superseded }) => sum + rejected + withdrawn + superseded,
    0,
  );
}

test("docs/faults.md tells what every row came to (vitest -u writes it)", async ({ skip }) => {
  if (rows.length < httpRows.length) {
    skip("only some rows have run");
  }
  const file = fileURLToPath(new URL("../../../../docs/faults.md", import.meta.url));
  await expect(`${preface}\n${renderFaultTables(rows)}`).toMatchFileSnapshot(file);
});
