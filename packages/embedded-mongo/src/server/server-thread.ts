import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { serveDatabase } from "./serve-database.js";
import type { ThreadAnswer } from "./start-server-thread.js";

/** The thread that `startServerThread` starts: serves until it gets a message. */
const port = parentPort;
if (port === null) {
  throw new Error("server-thread is started by startServerThread only");
}
const answer = (message: ThreadAnswer): void => port.postMessage(message);
const served = await serveDatabase(workerData).catch((error: unknown) => {
  answer({ error: { error, fields: { ...Object(error) } } });
});
if (served !== undefined) {
  answer({ port: served.port });
  await once(port, "message");
  await served.close();
}
port.close();
