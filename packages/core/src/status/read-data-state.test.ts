import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { runConnectors } from "../run/run-connectors.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { readDataState } from "./read-data-state.js";

interface Behaviour {
  /** Of the second step. */
  readonly fails?: boolean;
  readonly sample?: string;
  readonly version?: number;
}

/** Two steps that do not need one another, of which one loads two pages. */
function source({ fails = false, sample, version = 1 }: Behaviour = {}) {
  const config = z.object({});
  const define = stepFor({ config });
  const records = define({
    ...{ name: "records", summary: "", collection: "records", record: z.string() },
    async *extract() {
      yield { records: ["1"] };
      yield { records: ["2"] };
    },
    transform: (id) => ({ _id: id, enriched: { version } }),
    restore: { version, adds: "records by version", record: ({ data }) => data },
  });
  const lists = define({
    ...{ name: "lists", summary: "", needs: [], collection: "lists", record: z.string() },
    async *extract() {
      if (fails) {
        throw new Error("the list is not there");
      }
      yield { records: ["1"] };
    },
    transform: (id) => ({ _id: id }),
  });
  const definition = defineConnector({
    ...{ name: "source", summary: "", config, steps: [records, lists] },
    sampleReason: () => sample,
  });
  return configureConnector(definition, {});
}

const on = (day: number) => new Date(Date.UTC(2026, 10, day));
const log = createLogger({ level: "silent" });

describeOnMongo("the state of the data of a connector", (database) => {
  const run = (day: number, behaviour: Behaviour = {}, signal?: AbortSignal) =>
    runConnectors({
      ...{ connectors: [source(behaviour)], store: database().store, log, now: () => on(day) },
      ...(signal !== undefined && { signal, graceMs: 60_000 }),
    });
  const state = async (behaviour: Behaviour = {}) => {
    const { connector: _, ...known } = await readDataState(database().store, source(behaviour));
    return known;
  };

  test("is unknown while nothing is stored, whatever failed", async () => {
    expect(await state()).toEqual({});
    await run(1, {}, AbortSignal.abort());
    expect(await state()).toEqual({});
  });

  test("says since when everything is loaded, and which part is newer", async () => {
    await run(1);
    expect(await state()).toEqual({ loaded_at: on(1) });
    await run(2, { fails: true });
    expect(await state()).toEqual({ loaded_at: on(1), part_loaded_at: on(2) });
    await run(3);
    expect(await state()).toEqual({ loaded_at: on(3) });
  });

  test("is a part where a step failed, and for a sample", async () => {
    await run(1, { fails: true });
    expect(await state()).toEqual({ part_loaded_at: on(1) });
    const { connectors } = await run(2, { sample: "one of each" });
    expect(connectors).toMatchObject([{ status: "ok", sample: "one of each" }]);
    expect(await state()).toEqual({ part_loaded_at: on(2) });
  });

  test("is a part where the first run was killed, or the ledger is lost", async () => {
    await run(1);
    await database().store.database.collection("etl_runs").deleteMany({});
    expect(await state()).toEqual({ part_loaded_at: on(1) });
  });

  test("names collections of an older version until they are upgraded, which loads nothing", async () => {
    await run(1);
    const outdated = [{ collection: "records", lacks: "records by version" }];
    expect(await state({ version: 2 })).toEqual({ loaded_at: on(1), outdated });
    await run(2, { version: 2, fails: true }, AbortSignal.abort());
    expect(await state({ version: 2 })).toMatchObject({ outdated });
    await run(3, { version: 2 });
    expect(await state({ version: 2 })).toEqual({ loaded_at: on(3) });
    expect(await state({ version: 1 })).toEqual({ loaded_at: on(3) });
  });
});
