import { expect, test } from "vitest";
import { z } from "zod";
import type { ConfiguredConnector } from "../connector/configure-connector.js";
import type { ExtractedPage, Restore, StepDefinition } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { parseJson } from "../json/parse-json.js";
import { describeOnMongo, type TestDatabase, writeCommands } from "../testing/mongo-servers.js";
import { runInTest, type TestRunOptions } from "./run-in-test.js";

const config = z.object({});
const record = z.looseObject({ id: z.string(), name: z.string() });
type Definition = StepDefinition<z.output<typeof config>, typeof record, never>;
type Page = ExtractedPage<never>;

const names = z.object({ name: z.string() });
const restoreData = (version: number): Restore => ({ version, record: ({ data }) => data });

/** A connector whose version 1 stores names, and whose version 2 stores them in upper case, too. */
function things(version: 1 | 2, pages: readonly Page[] = [], changes: Partial<Definition> = {}) {
  const step = stepFor({ config })({
    name: "things",
    summary: "things",
    collection: "things",
    keepsHistory: true,
    record,
    async *extract() {
      yield* pages;
    },
    transform: ({ id, name }) => ({
      _id: id,
      enriched: version === 1 ? { name } : { name, loud: name.toUpperCase() },
    }),
    indexes: version === 1 ? [] : [{ "enriched.loud": 1 }],
    restore: restoreData(version),
    ...changes,
  });
  return defineConnector({ name: "source", summary: "a source", config, steps: [step] });
}

const recordsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `t-${String(n).padStart(5, "0")}`, name: `name ${n}` }));

describeOnMongo("restoring what an older version has stored", (database) => {
  const run = (connector: ReturnType<typeof things>, options: Partial<TestRunOptions> = {}) =>
    runInTest({ connector, environment: {}, store: database().store, graceMs: 60_000, ...options });
  const shape = async () =>
    (await database().all("etl_state")).find(({ _id }) => String(_id) === "shape/things");
  const reads = ({ commands }: TestDatabase) =>
    commands.filter(({ name, collection }) => name === "find" && collection === "things").length;
  const linesAbout = (lines: readonly string[], text: string) => lines.filter((line) => line.includes(text));

  test("adds the new fields, and keeps what is received, listed, removed and remembered", async () => {
    const day = (text: string) => ({ now: () => new Date(`2026-01-0${text}T00:00:00Z`) });
    const [one, two, three] = recordsOf(3);
    await run(
      things(1, [{ records: [one, two, three], lists: ["t-00000", "t-00001", "t-00002"] }]),
      day("1"),
    );
    const renamed = parseJson('{"id":"t-00000","name":"renamed","n":12345678901234567890}');
    await run(things(1, [{ records: [renamed], lists: ["t-00000", "t-00002"] }]), day("2"));
    const before = await database().all("things");
    expect(before).toMatchObject([
      { history: [{ fields: ["name", "n"] }], altered: [expect.stringContaining("kept as text")] },
      { removed_at: expect.any(Date), removed_reason: "withdrawn" },
      { removed_at: null },
    ]);

    const { connector, report, lines } = await run(things(2), day("3"));
    expect(connector).toMatchObject({
      status: "ok",
      requests: 0,
      steps: [{ extracted: 0, inserted: 0, updated: 3, unchanged: 0, withdrawn: 0, rejected: 0 }],
    });
    expect(await database().all("things")).toEqual(
      before.map((document) => ({
        ...document,
        enriched: { ...document.enriched, loud: String(document.enriched.name).toUpperCase() },
        content_hash: expect.not.stringMatching(document.content_hash),
        ingested_at: new Date("2026-01-03T00:00:00Z"),
        run_id: report.runId,
      })),
    );
    const indexes = await database().store.database.collection("things").indexes();
    expect(indexes.map(({ name }) => name)).toContain("enriched.loud_1");
    expect(linesAbout(lines, "updating stored documents to the shape of this version")).toHaveLength(1);
  });

  test("is done once: a later run reads nothing more, with `full` neither", async () => {
    await run(things(1, [{ records: recordsOf(3) }]));
    await run(things(2));
    for (const full of [false, true]) {
      database().commands.splice(0);
      const { connector, lines } = await run(things(2), { full });
      expect(connector).toMatchObject({ steps: [{ updated: 0, unchanged: 0 }] });
      expect(reads(database())).toBe(0);
      expect(linesAbout(lines, "shape of this version")).toEqual([]);
    }
  });

  test("happens where a version without restore has stored", async () => {
    const withoutRestore = (configured: ConfiguredConnector) => ({
      ...configured,
      steps: configured.steps.map(({ restore: _, ...step }) => step),
    });
    await run(things(1, [{ records: recordsOf(3) }]), { alter: withoutRestore });
    expect(await shape()).toBeUndefined();
    expect((await run(things(2))).connector).toMatchObject({ steps: [{ updated: 3 }] });
    expect(await shape()).toMatchObject({ version: 2 });
  });

  test("an empty collection has the shape of this version from the beginning", async () => {
    await run(things(2, [{ records: recordsOf(3) }]));
    expect(await shape()).toMatchObject({ version: 2 });
    database().commands.splice(0);
    await run(things(2));
    expect(reads(database())).toBe(0);
  });

  test("comes before what the upstream sends, which wins", async () => {
    await run(things(1, [{ records: recordsOf(3) }]));
    const news = { records: [{ id: "t-00001", name: "new" }] };
    expect((await run(things(2, [news]))).connector).toMatchObject({
      steps: [{ extracted: 1, inserted: 0, updated: 4 }],
    });
    const [, second] = await database().all("things");
    expect(second).toMatchObject({ enriched: { name: "new", loud: "NEW" }, history: [{ fields: ["name"] }] });
  });

  test("is resumed where it was interrupted, and ends as if it was not", async () => {
    await run(things(1, [{ records: recordsOf(2_500) }]));
    const controller = new AbortController();
    const interrupted = await run(things(2), {
      signal: controller.signal,
      onEvent: ({ type }) => type === "batch-stored" && controller.abort(),
    });
    expect(interrupted.connector).toMatchObject({
      status: "interrupted",
      reason: "interrupted: the next run resumes here",
      steps: [{ updated: 1_000 }],
    });
    expect(await shape()).toMatchObject({ version: 2, after: "t-00999" });
    const resumed = await run(things(2));
    expect(resumed.connector).toMatchObject({ status: "ok", steps: [{ updated: 1_500 }] });
    expect(linesAbout(resumed.lines, "resuming the update of stored documents")).toHaveLength(1);
    const stored = database().store.database.collection("things");
    expect(await stored.countDocuments({ "enriched.loud": null })).toBe(0);
    expect(await shape()).not.toHaveProperty("after");
  });

  test("an interrupted one starts over for a version that is newer still", async () => {
    await run(things(1, [{ records: recordsOf(1_500) }]));
    const controller = new AbortController();
    await run(things(2), {
      signal: controller.signal,
      onEvent: ({ type }) => type === "batch-stored" && controller.abort(),
    });
    const quiet: Partial<Definition> = {
      restore: restoreData(3),
      transform: ({ id, name }) => ({ _id: id, enriched: { name, quiet: true } }),
    };
    expect((await run(things(2, [], quiet))).connector).toMatchObject({ steps: [{ updated: 1_500 }] });
    expect(await shape()).toMatchObject({ version: 3 });
  });

  test("after a crash before its page is recorded, the page is read again and nothing is written", async () => {
    await run(things(1, [{ records: recordsOf(3) }]));
    await run(things(2));
    const before = await database().all("things");
    await database().store.database.collection("etl_state").deleteMany({ version: 2 });
    database().commands.splice(0);
    expect((await run(things(2))).connector).toMatchObject({ steps: [{ updated: 0 }] });
    const written = database().commands.filter(
      ({ name, collection }) => collection === "things" && writeCommands.has(name),
    );
    expect(written).toEqual([]);
    expect(await database().all("things")).toEqual(before);
  });

  test("counts in a dry run, and writes nothing", async () => {
    await run(things(1, [{ records: recordsOf(3) }]));
    const before = await database().dump();
    expect((await run(things(2), { dryRun: true })).connector).toMatchObject({ steps: [{ updated: 3 }] });
    expect(JSON.parse(await database().dump())).toEqual(
      JSON.parse(before).map((collection: { name: string }) =>
        collection.name === "etl_runs" ? expect.anything() : collection,
      ),
    );
  });

  test("leaves what cannot be made again as it is, says so, and does not try again", async () => {
    const picky: Partial<Definition> = {
      restore: {
        version: 2,
        record: ({ _id, data }) => {
          switch (_id) {
            case "t-00000":
              return { ...names.parse(data), id: "another" };
            case "t-00001":
              throw new Error("no longer understood");
            case "t-00002":
              return { id: _id };
            case "t-00003":
              return undefined;
            default:
              return data;
          }
        },
      },
    };
    await run(things(1, [{ records: recordsOf(5) }]));
    const before = await database().all("things");
    const { connector, lines } = await run(things(2, [], picky));
    expect(connector).toMatchObject({ status: "ok", steps: [{ updated: 1, rejected: 0 }] });
    const after = await database().all("things");
    expect(after.slice(0, 4)).toEqual(before.slice(0, 4));
    expect(after).toHaveLength(5);
    const [warning, ...others] = linesAbout(lines, "could not be updated and stay as they are");
    expect(others).toEqual([]);
    expect(JSON.parse(warning ?? "{}")).toMatchObject({
      documents: 3,
      reason: "things/t-00000: no document of this _id is made of it any more",
    });
    expect((await run(things(2, [], picky))).connector).toMatchObject({ steps: [{ updated: 0 }] });
  });

  test("an older version leaves the documents of a newer one, which restores them when it is back", async () => {
    await run(things(2, [{ records: recordsOf(2) }]));
    const older = await run(things(1, [{ records: [{ id: "t-00002", name: "old" }] }]));
    expect(older.connector).toMatchObject({ steps: [{ inserted: 1, updated: 0 }] });
    expect((await run(things(2))).connector).toMatchObject({ steps: [{ updated: 1 }] });
    const stored = database().store.database.collection("things");
    expect(await stored.countDocuments({ "enriched.loud": null })).toBe(0);
  });

  test("reconciles with what is stored, as for any document", async () => {
    const seen = z.object({ seen: z.array(z.string()) });
    const keepSeen = (version: 1 | 2): Partial<Definition> => ({
      transform: ({ id, name }) => ({
        _id: id,
        data: { id, name },
        enriched: { seen: [name], ...(version === 2 && { loud: true }) },
      }),
      reconcile: (document, stored) => {
        const all = [stored.enriched, document.enriched].flatMap((part) => seen.parse(part).seen);
        return { ...document, enriched: { ...document.enriched, seen: [...new Set(all)].sort() } };
      },
    });
    const sent = ["a", "b"].map((name) => ({ id: "t", name }));
    await run(things(1, [{ records: sent }], keepSeen(1)));
    await run(things(2, [], keepSeen(2)));
    expect(await database().all("things")).toMatchObject([{ enriched: { seen: ["a", "b"], loud: true } }]);
  });

  test("a page is bounded by size, too", async () => {
    const large = recordsOf(20).map((thing) => ({ ...thing, text: "x".repeat(1024 * 1024) }));
    await run(things(1, [{ records: large }]));
    const after: unknown[] = [];
    const watch = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }) => {
      if (commandName === "update" && command.update === "etl_state") {
        const [update] = z.array(z.looseObject({ u: z.looseObject({}) })).parse(command.updates);
        after.push(update?.u.after);
      }
    };
    const { client } = database().store.database;
    client.on("commandStarted", watch);
    await run(things(2));
    client.off("commandStarted", watch);
    expect(after.filter((id) => id !== undefined)).toEqual(["t-00007", "t-00015", "t-00019"]);
  });
});
