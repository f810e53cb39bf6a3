import { MongoClient } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { seen, startProcess } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";

test("serves the embedded database until it is stopped, and keeps what was written", async () => {
  const folder = temporaryFolder();
  const run = () => startProcess(["mongo", "--port", "0"], { folder, env: { DB_NAME: "mine" } });

  const first = run();
  const uri = (await seen(first, "stdout", /\n/)).trim();
  expect(uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\/$/);
  const client = new MongoClient(uri);
  onTestFinished(() => client.close());
  await client.db("mine").collection<{ _id: string }>("notes").insertOne({ _id: "kept" });
  await client.close();
  first.kill("SIGINT");
  const ended = await first;
  expect(ended.exitCode).toBe(0);
  expect(ended.stdout).toBe(uri);
  expect(ended.stderr).toContain(`, which is empty. `);
  expect(ended.stderr).toContain(`\n  mongosh "${uri}mine"`);

  const second = run();
  const again = new MongoClient((await seen(second, "stdout", /\n/)).trim());
  onTestFinished(() => again.close());
  expect(await again.db("mine").collection("notes").countDocuments()).toBe(1);
  await again.db("other").collection("notes").insertOne({});
  await again.close();
  second.kill("SIGTERM");
  expect((await second).exitCode).toBe(0);

  const third = startProcess(["mongo", "--port", "0"], { folder });
  const said = await seen(third, "stderr", /mongosh.*\n.*mongosh.*\n/);
  third.kill("SIGTERM");
  expect(said.match(/(?<=\/)\w+(?="$)/gm)).toEqual(["mine", "other"]);
  await third;
});

test("a database in use and a port that is taken are reported, exit status 1", async () => {
  const folder = temporaryFolder();
  const owner = startProcess(["mongo", "--port", "0"], { folder });
  const uri = (await seen(owner, "stdout", /\n/)).trim();
  const port = new URL(uri).port;

  const [inUse, taken] = await Promise.all([
    startProcess(["run", "threatfox", "--if-running", "fail"], { folder }),
    startProcess(["mongo", "--port", port], { folder: temporaryFolder() }),
  ]);

  expect(inUse.exitCode).toBe(1);
  expect(inUse.stderr).toContain(`MONGO_URI=${uri}`);
  expect(taken.exitCode).toBe(1);
  expect(taken.stderr).toContain(`Port ${port} of 127.0.0.1 is taken`);
  expect(taken.stderr).toContain("--port");
  for (const { stderr } of [inUse, taken]) {
    expect(stderr).not.toMatch(/^\s+at /m);
  }
  owner.kill("SIGTERM");
  await owner;
});
