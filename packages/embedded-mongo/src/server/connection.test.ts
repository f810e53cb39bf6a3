import { connect, type Socket } from "node:net";
import { BSON, Int32, MongoClient } from "mongodb";
import { describe, expect, test } from "vitest";
import { useServer } from "../testing/server.js";

const server = useServer();

function message(opCode: number, payload: Buffer, length = payload.length + 16): Buffer {
  const head = Buffer.alloc(16);
  head.writeInt32LE(length, 0);
  head.writeInt32LE(7, 4);
  head.writeInt32LE(opCode, 12);
  return Buffer.concat([head, payload]);
}

function opMsg(body: BSON.Document, flags = 0, sections: readonly Buffer[] = []): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(flags, 0);
  return message(2013, Buffer.concat([head, BSON.serialize(body), ...sections]));
}

function sequence(name: string, documents: readonly BSON.Document[]): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${name}\0`),
    ...documents.map((document) => BSON.serialize(document)),
  ]);
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeInt32LE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

async function open(): Promise<Socket> {
  const socket = connect(server.server.port, "127.0.0.1");
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** The next whole answer. */
async function read(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await new Promise<Buffer>((resolve, reject) => {
      const fail = (): void => reject(new Error("the connection was closed"));
      socket.once("close", fail);
      socket.once("data", (data) => {
        socket.off("close", fail);
        resolve(data);
      });
    });
    chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0)) {
      return bytes;
    }
  }
}

async function ask(socket: Socket, request: Buffer): Promise<BSON.Document> {
  socket.write(request);
  const reply = await read(socket);
  return BSON.deserialize(reply.subarray(reply.readInt32LE(12) === 1 ? 36 : 21));
}

const ping = opMsg({ ping: 1, $db: "admin" });

describe("a connection", () => {
  test.each([
    ["a length below a header's", message(2013, Buffer.alloc(8), 15)],
    ["a negative length", message(2013, Buffer.alloc(8), -1)],
    ["more than 48 MB", message(2013, Buffer.alloc(8), 48_000_001)],
    ["an opcode that is not served", message(2012, Buffer.alloc(20))],
    ["garbage", Buffer.from("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")],
    ["an unknown section", message(2013, Buffer.from([0, 0, 0, 0, 9, 5, 0, 0, 0, 0]))],
    ["unknown required flags", message(2013, Buffer.from([64, 0, 0, 0, 0, 5, 0, 0, 0, 0]))],
    ["no body", message(2013, Buffer.from([0, 0, 0, 0]))],
    ["a cut off sequence", message(2013, Buffer.from([0, 0, 0, 0, 1, 255, 255, 0, 0, 97, 0]))],
  ])("is closed on %s, and others stay open", async (_name, bytes) => {
    const [bad, good] = [await open(), await open()];
    const closed = new Promise((resolve) => bad.once("close", resolve));
    bad.write(bytes);
    await closed;
    expect(await ask(good, ping)).toMatchObject({ ok: 1 });
    good.destroy();
  });

  test("answers invalid BSON in a well-formed message with an error, and stays open", async () => {
    const socket = await open();
    const broken = opMsg({ insert: "c", documents: [{ text: "abc" }], $db: "d" });
    broken.writeInt32LE(1000, broken.indexOf("text\0") + 5);
    expect(await ask(socket, broken)).toMatchObject({ ok: 0, code: 22, codeName: "InvalidBSON" });
    expect(await ask(socket, ping)).toMatchObject({ ok: 1 });
    socket.destroy();
  });

  test("accepts any document as a client's description of itself", async () => {
    const socket = await open();
    const client = { regex: new BSON.BSONRegExp("(", ""), uuid: new BSON.Binary(Buffer.alloc(3), 4) };
    expect(await ask(socket, opMsg({ hello: 1, client, $db: "admin" }))).toMatchObject({ ok: 1 });
    expect(await ask(socket, ping)).toMatchObject({ ok: 1 });
    socket.destroy();
  });

  test("lets others work between requests that come at once", async () => {
    const db = server.db();
    await db.collection("many").insertMany(Array.from({ length: 500 }, () => ({})));
    const [greedy, other] = [await open(), await open()];
    const replies: Buffer[] = [];
    greedy.on("data", (chunk) => replies.push(chunk));
    const count = opMsg({ count: "many", query: { a: 1 }, $db: db.databaseName });
    greedy.write(Buffer.concat(Array.from({ length: 400 }, () => count)));
    await expect.poll(() => replies.length).toBeGreaterThan(0);
    await ask(other, ping);
    const whole = 400 * (21 + BSON.serialize({ n: new Int32(0), ok: 1.5 }).length);
    expect(Buffer.concat(replies).length).toBeLessThan(whole);
    await expect.poll(() => Buffer.concat(replies).length).toBe(whole);
    greedy.destroy();
    other.destroy();
  });

  test("accepts a message in any pieces, and several at once", async () => {
    const socket = await open();
    for (const byte of ping.subarray(0, -1)) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ask(socket, ping.subarray(-1))).toMatchObject({ ok: 1 });
    const replies: Buffer[] = [];
    socket.on("data", (chunk) => replies.push(chunk));
    socket.write(Buffer.concat([ping, ping, ping]));
    await expect
      .poll(() => Buffer.concat(replies).length)
      .toBe(3 * (21 + BSON.serialize({ ok: 1.5 }).length));
    socket.destroy();
  });

  test("answers the OP_QUERY hello that drivers begin with", async () => {
    const socket = await open();
    const head = Buffer.concat([Buffer.alloc(4), Buffer.from("admin.$cmd\0"), Buffer.alloc(8, 0xff)]);
    const request = message(2004, Buffer.concat([head, BSON.serialize({ isMaster: 1, helloOk: true })]));
    expect(await ask(socket, request)).toMatchObject({
      ok: 1,
      ismaster: true,
      maxWireVersion: 25,
      logicalSessionTimeoutMinutes: 30,
    });
    socket.destroy();
  });

  test("accepts document sequences, and sends no answer if none is wanted", async () => {
    const socket = await open();
    const documents = [{ _id: 1 }, { _id: 2 }];
    const insert = opMsg({ insert: "seq", $db: "d" }, 2, [sequence("documents", documents)]);
    socket.write(insert);
    expect(await ask(socket, opMsg({ count: "seq", $db: "d" }))).toMatchObject({ n: 2, ok: 1 });
    socket.destroy();
  });

  test("refuses duplicate fields, unknown document sequences, and a session without an id", async () => {
    const socket = await open();
    const twice = BSON.serialize({ find: "c", limix: 1, limit: 1, $db: "admin" });
    twice[Buffer.from(twice).indexOf("limix") + 4] = "t".charCodeAt(0);
    const insert = { insert: "c", $db: "admin" };
    for (const [code, request] of [
      [40413, message(2013, Buffer.concat([Buffer.alloc(5), twice]))],
      [40413, opMsg({ ...insert, documents: [] }, 0, [sequence("documents", [{}])])],
      [40415, opMsg({ ...insert, documents: [] }, 0, [sequence("ordered", [{}])])],
      [40414, opMsg({ find: "c", $db: "admin", lsid: {} })],
      [14, opMsg({ find: "c", $db: 1 })],
    ] as const) {
      expect(await ask(socket, request)).toMatchObject({ ok: 0, code });
    }
    socket.destroy();
  });

  test("ignores the checksum of a message", async () => {
    const socket = await open();
    const plain = opMsg({ ping: 1, $db: "admin" }, 1);
    const summed = Buffer.concat([plain, Buffer.from([1, 2, 3, 4])]);
    summed.writeInt32LE(summed.length, 0);
    expect(await ask(socket, summed)).toMatchObject({ ok: 1 });
    socket.destroy();
  });

  test("is sent at most one answer that it has not read", async () => {
    const db = server.db();
    await db.collection("large").insertOne({ bytes: Buffer.alloc(15_000_000) });
    const [slow, other] = [await open(), await open()];
    slow.pause();
    const insert = opMsg({ insert: "noted", documents: [{}], $db: db.databaseName });
    const find = opMsg({ find: "large", $db: db.databaseName });
    slow.write(Buffer.concat([find, insert]));
    const noted = async () => (await ask(other, opMsg({ count: "noted", $db: db.databaseName }))).n;
    for (let i = 0; i < 20; i++) {
      expect(await noted()).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    slow.resume();
    await expect.poll(noted).toBe(1);
    slow.destroy();
    other.destroy();
  });

  test("frees the cursors of a client that has disconnected, and of no other", async () => {
    const db = server.db();
    await db.collection("c").insertMany(Array.from({ length: 300 }, () => ({})));
    const kept = db.collection("c").find({}, { batchSize: 2 });
    await kept.next();
    const cursorsOpen = async (): Promise<number> =>
      (await db.admin().serverStatus()).metrics.cursor.open.total;
    const before = await cursorsOpen();
    const socket = await open();
    const { cursor } = await ask(socket, opMsg({ find: "c", batchSize: new Int32(2), $db: db.databaseName }));
    expect(cursor.firstBatch).toHaveLength(2);
    expect(await cursorsOpen()).toBe(before + 1);
    socket.destroy();
    await expect.poll(cursorsOpen).toBe(before);
    expect(await kept.toArray()).toHaveLength(299);
  });

  test("is refused from elsewhere: the server listens on loopback", async () => {
    expect(server.server.uri).toBe(`mongodb://127.0.0.1:${server.server.port}/`);
    const client = new MongoClient(`mongodb://127.0.0.2:${server.server.port}/`, {
      serverSelectionTimeoutMS: 300,
    });
    await expect(client.connect()).rejects.toThrow();
    await client.close();
  });
});
