import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openConfiguredStore } from "../database/open-configured-store.js";
import { emptyDemoDatabase } from "./prepare-demo.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

test("only the embedded database of a demo is emptied", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runner-demo-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const left = async (db: string, kind?: "mongodb") => {
    const { store, close } = await openConfiguredStore(
      { MONGO_URI: undefined, DB_NAME: db },
      { dataFolder: folder, command: "cti" },
    );
    try {
      await store.database.collection("things").insertOne({});
      const outcome = await emptyDemoDatabase({ ...store, ...(kind && { kind }) }).catch(String);
      return [outcome, await store.database.collection("things").countDocuments()];
    } finally {
      await close();
    }
  };
  const refusal = (db: string) => `Error: The database ${db} does not belong to a demo: it is not emptied.`;
  expect(await left("intelligence_demo")).toEqual([undefined, 0]);
  expect(await left("intelligence")).toEqual([refusal("intelligence"), 1]);
  expect(await left("other_demo", "mongodb")).toEqual([refusal("other_demo"), 1]);
});
