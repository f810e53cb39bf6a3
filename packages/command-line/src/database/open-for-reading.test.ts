import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { MongoClient } from "mongodb";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { answerFromStore } from "./answer-from-store.js";
import { openForReading } from "./open-for-reading.js";

vi.setConfig({ testTimeout: 60_000 });

const never = new AbortController().signal;
const settings = { MONGO_URI: undefined, DB_NAME: "cti" };
const terminal = { print: () => undefined, say: () => undefined };
const surroundingsIn = (dataFolder: string) => ({ dataFolder, command: "cti" });

async function hold(path: string, purpose = "run") {
  const server = await startEmbeddedMongo({ path, purpose });
  onTestFinished(() => server.close());
  const client = await new MongoClient(server.uri).connect();
  onTestFinished(() => client.close());
  await client.db("cti").collection("c").insertOne({ n: 1 });
  return { server, client };
}

test("reads through the server of the process that has the database open, and leaves it running", async () => {
  const folder = temporaryFolder();
  const { server, client } = await hold(folder);
  const opened = await openForReading(settings, surroundingsIn(folder), never);
  expect(await opened.store.database.collection("c").countDocuments()).toBe(1);
  expect(opened.place).toContain(
    `in ${folder} (MONGO_URI is not set; process ${process.pid} (run) has it open)`,
  );
  expect(opened.look).toEqual([`mongosh ${server.uri}cti`]);
  await opened.close();
  expect(await client.db("cti").collection("c").countDocuments()).toBe(1);
});

test.skipIf(process.platform === "win32")(
  "only this user may read where the database is served",
  async () => {
    const folder = temporaryFolder();
    await hold(folder);
    expect(statSync(join(folder, "server.json")).mode & 0o777).toBe(0o600);
  },
);

test("opens the database itself where a killed process has left its address", async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "server.json"),
    JSON.stringify({ pid: 99_999_999, uri: "mongodb://127.0.0.1:1/" }),
  );
  const opened = await openForReading(settings, surroundingsIn(folder), never);
  expect(opened.isLost).toBeUndefined();
  await opened.close();
});

test("does not read from another server that listens at the address, and waits for the database", async () => {
  const folder = temporaryFolder();
  const { server } = await hold(folder);
  const file = join(folder, "server.json");
  const other = await startEmbeddedMongo();
  onTestFinished(() => other.close());
  const owner = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...owner, pid: process.pid + 1, uri: other.uri }));
  const opening = openForReading(settings, surroundingsIn(folder), never);
  setTimeout(() => void server.close(), 300);
  const opened = await opening;
  expect(opened.isLost).toBeUndefined();
  expect(await opened.store.database.collection("c").countDocuments()).toBe(1);
  await opened.close();
});

test("tells at once that a process of another container has the database", async () => {
  const folder = temporaryFolder();
  await hold(folder);
  const file = join(folder, "server.json");
  const owner = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...owner, pidNamespace: "pid:[1]" }));
  await expect(openForReading(settings, surroundingsIn(folder), never)).rejects.toThrow(
    /of another container/,
  );
});

test("asks again where the process that served the database closes it in the middle of the answer", async () => {
  const folder = temporaryFolder();
  const { server, client } = await hold(folder);
  const counts: number[] = [];
  const status = await answerFromStore(
    { settings, surroundings: surroundingsIn(folder), terminal, access: "read" },
    async ({ store }) => {
      counts.push(await store.reader.count("c", {}));
      if (counts.length === 1) {
        await client.close();
        await server.close();
        counts.push(await store.reader.count("c", {}));
      }
      return 0;
    },
  );
  expect({ status, counts }).toEqual({ status: 0, counts: [1, 1] });
});

test("does not repeat an answer of which a part was given away", async () => {
  const folder = temporaryFolder();
  const { server, client } = await hold(folder);
  const answered = answerFromStore(
    { settings, surroundings: surroundingsIn(folder), terminal, access: "read-once" },
    async ({ store }) => {
      await client.close();
      await server.close();
      await store.reader.count("c", {});
      return 0;
    },
  );
  await expect(answered).rejects.toThrow(/before the answer was complete: run the command again/);
});
