import type { Store } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { describeOnEmbedded, describeOnServers } from "./describe-on-servers.js";

describeOnServers("a database of one's own", (openDatabase) => {
  let before: Store | undefined;

  test("is empty, tells of commands, and is another one each time", async () => {
    const [one, other] = [await openDatabase(), await openDatabase()];
    const commands: string[] = [];
    one.database.client.on("commandStarted", ({ commandName }) => commands.push(commandName));
    await one.database.collection("things").insertOne({ name: "first" });
    expect(commands).toEqual(["insert"]);
    expect(await one.database.collection("things").countDocuments()).toBe(1);
    expect(await other.database.collection("things").countDocuments()).toBe(0);
    before = one;
  });

  test("is gone after the test", async () => {
    const { database } = await openDatabase();
    const { databases } = await database.admin().listDatabases({ nameOnly: true });
    expect(before?.db).toMatch(/^test_/);
    expect(databases.map(({ name }) => name)).not.toContain(before?.db);
  });
});

describeOnEmbedded("a suite for one server", (openDatabase) => {
  test("has a database there", async () => {
    const { version } = await (await openDatabase()).database.admin().serverInfo();
    expect(version).toMatch(/^8\./);
  });
});
