import { connect as connectTo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { loadDocuments } from "../../src/documents/load-documents.js";
import { openStore } from "../../src/store/open-store.js";
import { StoreError } from "../../src/store/with-store-retry.js";
import { describeOnMongo } from "../../src/testing/mongo-servers.js";

// The pauses between attempts.
vi.setConfig({ testTimeout: 60_000 });

const at = new Date("2026-11-22T10:00:00Z");
const documents = Array.from({ length: 5 }, (_, n) => ({
  collection: "things",
  _id: `thing-${n}`,
  data: { n },
  enriched: {},
}));

/** A way to a server that can be closed, and opened again at the same port. */
async function openWay(uri: string) {
  const { hostname, port: serverPort } = new URL(uri);
  const sockets = new Set<Socket>();
  let listening: Server | undefined;
  let port = 0;
  const open = async () => {
    const server = createServer((client) => {
      const upstream = connectTo(Number(serverPort), hostname);
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on("error", () => {});
      }
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : port;
    listening = server;
  };
  const close = async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    sockets.clear();
    await new Promise((resolve) => listening?.close(resolve));
  };
  await open();
  onTestFinished(close);
  return { uri: `mongodb://127.0.0.1:${port}/?directConnection=true`, open, close };
}

describeOnMongo("while no server can be selected", (database) => {
  async function openBehindWay() {
    const way = await openWay(database().uri);
    const store = await openStore({ uri: way.uri, db: database().store.db, kind: "mongodb", timeoutMs: 300 });
    onTestFinished(() => store.close());
    const load = () => loadDocuments({ store, documents, runId: "run", at });
    return { way, load };
  }

  test("a load waits for longer than one selection takes, and stores everything once there is one", async () => {
    const { way, load } = await openBehindWay();
    await way.close();
    const loading = load();
    // The first selection fails after 300 ms.
    await delay(350);
    await way.open();
    expect(await loading).toEqual({ inserted: 5, updated: 0, unchanged: 0, refused: [] });
  });

  test("a load fails in the end, and says what to check", async () => {
    const { way, load } = await openBehindWay();
    await way.close();
    const failed: unknown = await load().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StoreError);
    expect(String(failed)).toMatch(/127\.0\.0\.1.*check/);
  });
});
