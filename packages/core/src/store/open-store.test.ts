import { createServer, type Server, type Socket } from "node:net";
import { withParameter } from "@cti-connectors/embedded-mongo/testing";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { startFakeMongo } from "../testing/fake-mongo.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { openStore, StoreConnectionError } from "./open-store.js";

// Servers that do not answer are waited for.
vi.setConfig({ testTimeout: 60_000 });

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) {
    socket.destroy();
  }
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function failureOf(uri: string): Promise<string> {
  const error: unknown = await openStore({ uri, db: "test", kind: "mongodb", timeoutMs: 1_000 }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreConnectionError);
  return error instanceof Error ? error.message : "";
}

test("says that nothing listens there, names host and setting, and hides the password", async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  servers.pop();
  const message = await failureOf(`mongodb://loader:topsecret@127.0.0.1:${port}/`);
  expect(message).toMatch(/refused/);
  expect(message).toContain(`127.0.0.1:${port}`);
  expect(message).toContain("MONGO_URI");
  expect(message).not.toContain("topsecret");
  expect(message).not.toContain("loader");
});

test("says that the host's name cannot be looked up", async () => {
  expect(await failureOf("mongodb://no-such-host.invalid:27017/")).toMatch(
    /no-such-host\.invalid:27017 cannot be resolved.*MONGO_URI/,
  );
});

test("says that the name of a cluster cannot be looked up", async () => {
  expect(await failureOf("mongodb+srv://cluster.no-such-host.invalid/")).toMatch(
    /cannot be resolved.*MONGO_URI/,
  );
});

test("says that what answers does not speak MongoDB's protocol", async () => {
  const port = await listen(
    createServer((socket) => {
      socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    }),
  );
  const message = await failureOf(`mongodb://127.0.0.1:${port}/`);
  expect(message).toContain("MONGO_URI");
  expect(message).toContain(`127.0.0.1:${port}`);
});

test("gives up on a server that never answers", async () => {
  const port = await listen(createServer());
  const message = await failureOf(`mongodb://127.0.0.1:${port}/`);
  expect(message).toContain("MONGO_URI");
  expect(message).toContain(`127.0.0.1:${port}`);
});

test.each([
  { members: ["508be0425c52:27017"], lost: /508be0425c52:27017 \(the name cannot be resolved\)/ },
  {
    members: ["mongo1.invalid:27017", "mongo2.invalid:27017"],
    lost: /mongo1\.invalid:27017 \([^)]*\), mongo2\.invalid:27017 \(/,
  },
  { members: ["127.0.0.1:9"], lost: /127\.0\.0\.1:9 \(.*ECONNREFUSED/ },
])("names the members of a replica set that lead nowhere: $members", async ({ members, lost }) => {
  const hello = { setName: "rs0", setVersion: 1, isWritablePrimary: true, hosts: members, me: members[0] };
  const port = await startFakeMongo(() => hello);
  for (const parameters of ["", "?replicaSet=rs0"]) {
    const message = await failureOf(`mongodb://localhost:${port}/${parameters}`);
    expect(message).toMatch(lost);
    expect(message).toMatch(/configuration of its replica set rs0.*directConnection=true.*rs\.reconfig/);
    expect(message).not.toMatch(/typing error|start MongoDB/);
  }
});

test("blames no configuration where the members are those of MONGO_URI", async () => {
  const port = await startFakeMongo((own) => ({
    ...{
      setName: "rs0",
      setVersion: 1,
      secondary: true,
      hosts: [`127.0.0.1:${own}`],
      me: `127.0.0.1:${own}`,
    },
  }));
  const message = await failureOf(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`);
  expect(message).toMatch(/No usable MongoDB server.*replicaSet/);
  expect(message).not.toContain("reconfig");
});

test.each([
  ["no scheme", "127.0.0.1:27017"],
  ["another scheme", "http://127.0.0.1:27017"],
  ["no host", "mongodb://"],
  ["a password that is not escaped", "mongodb://loader:top@secret/x@127.0.0.1:27017/"],
  ["a password that is taken for a port", "mongodb://loader:topsecret"],
  ["a password that is taken for an option", "mongodb://loader:x@top?secret@127.0.0.1:27017/"],
  ["an option that there is not", "mongodb://loader:topsecret@127.0.0.1:27017/?noSuchOption=1"],
])("explains a connection string with %s", async (_, uri) => {
  const message = await failureOf(uri);
  expect(message).toContain("MONGO_URI");
  expect(message).not.toMatch(/secret/);
});

describeOnMongo("openStore", (database) => {
  test("reads through the reader: filter, projection, order, limit, count, existence", async () => {
    const { store } = database();
    await store.database.collection<{ _id: string; a: number; b: number }>("things").insertMany([
      { _id: "1", a: 1, b: 2 },
      { _id: "2", a: 2, b: 2 },
      { _id: "3", a: 3, b: 3 },
    ]);
    const found = async (...query: Parameters<typeof store.reader.find>) => {
      const documents: unknown[] = [];
      for await (const document of store.reader.find(...query)) {
        documents.push(document);
      }
      return documents;
    };
    expect(await found("things", { b: 2 }, { projection: { a: 1 }, sort: { a: -1 } })).toEqual([
      { _id: "2", a: 2 },
      { _id: "1", a: 1 },
    ]);
    for (const [limit, ids] of [
      [0, []],
      [1, ["3"]],
      [2, ["3", "2"]],
      [9, ["3", "2", "1"]],
    ] as const) {
      const first = await found("things", {}, { projection: { _id: 1 }, sort: { _id: -1 }, limit });
      expect(first).toEqual(ids.map((_id) => ({ _id })));
    }
    expect(await store.reader.count("things", { b: 3 })).toBe(1);
    expect(await store.reader.exists("things", { b: 2 })).toBe(true);
    expect(await store.reader.exists("things", { b: 4 })).toBe(false);
    expect(await store.reader.exists("nothing", {})).toBe(false);
  });

  test("reads from the primary, whatever the connection string prefers", async () => {
    const { uri, store } = database();
    const preference =
      "readPreference=secondary&readPreferenceTags=nodeType:ANALYTICS&maxStalenessSeconds=120";
    const preferring = withParameter(uri, preference);
    const { database: opened, close } = await openStore({ uri: preferring, db: store.db, kind: "mongodb" });
    onTestFinished(close);
    expect(opened.collection("things").readPreference?.mode).toBe("primary");
  });

  test("says that user or password are wrong, or that the server knows none, and hides both", async () => {
    const { uri } = database();
    const message = await failureOf(uri.replace("mongodb://", "mongodb://loader:topsecret@"));
    expect(message).toContain("MONGO_URI");
    expect(message).not.toMatch(/loader|topsecret/);
  });

  test("says that TLS fails where the server speaks none", async () => {
    const message = await failureOf(withParameter(database().uri, "tls=true"));
    expect(message).toMatch(/TLS|tls/);
    expect(message).toContain("MONGO_URI");
  });

  test("tells host and database without credentials", () => {
    const { store, uri } = database();
    expect(uri).toContain(store.host);
    expect(store.db).toMatch(/^test_/);
    expect(store.kind).toBe("mongodb");
  });
});
