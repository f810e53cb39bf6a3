import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { Double, MongoClient } from "mongodb";
import { expect, onTestFinished, test, vi } from "vitest";
import { differencesBetween } from "./compare-databases.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

test("the comparison of two databases sees what differs, types included, and nothing else", async () => {
  const server = await startEmbeddedMongo();
  onTestFinished(() => server.close());
  const client = new MongoClient(server.uri);
  onTestFinished(() => client.close());
  const [one, other] = [client.db("one"), client.db("other")];
  const fill = (
    name: string,
    documents: readonly { readonly _id: string; readonly [field: string]: unknown }[],
  ) =>
    client
      .db(name)
      .collection<{ _id: string }>("objects")
      .insertMany([...documents]);
  await fill("one", [
    { _id: "a same", run_id: "1", data: { x: 1, y: [2] } },
    { _id: "b value", data: 1 },
    { _id: "c type", data: 1 },
    { _id: "d field", run_id: "1", data: 1 },
    { _id: "bb missing" },
  ]);
  await fill("other", [
    { _id: "a same", data: { y: [2], x: 1 }, run_id: "2" },
    { _id: "b value", data: 2 },
    { _id: "c type", data: new Double(1) },
    { _id: "d field", data: 1 },
  ]);
  expect(await differencesBetween(one, other)).toEqual([
    "objects/b value: data",
    "objects/bb missing: missing",
    "objects/c type: data",
    "objects/d field: run_id",
  ]);
  expect(await differencesBetween(other, one)).toContain("objects/bb missing: too many");
  await client.db("one").collection<{ _id: string }>("objects").insertOne({ _id: "e last" });
  expect(await differencesBetween(one, other)).toContain("objects/e last: missing");
  expect(await differencesBetween(other, one)).toContain("objects/e last: too many");
});
