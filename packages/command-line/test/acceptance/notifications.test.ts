import { setTimeout as delay } from "node:timers/promises";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../../src/testing/start-process.js";
import { receiverSecret, startReceiver } from "../../src/testing/start-receiver.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

test("of two processes that see the same trouble, one notifies, and a later one says that it is over", async () => {
  const sandbox = await startSandbox({ attackFiles: [] });
  const server = await startEmbeddedMongo();
  onTestFinished(async () => {
    await Promise.all([sandbox.close(), server.close()]);
  });
  const receiver = await startReceiver();
  receiver.answer(async (response) => {
    // Long enough for the other process to finish its run.
    await delay(2_000);
    response.writeHead(200).end();
  });
  const run = () =>
    startProcess(["run", "threatfox"], {
      folder: temporaryFolder(),
      env: {
        ...{ API_URL: sandbox.threatfoxUrl, THREATFOX_API_KEY: sandbox.authKey, HTTP_RETRIES: "0" },
        ...{ MONGO_URI: server.uri, NOTIFY_URL: receiver.url, NOTIFY_AFTER_FAILURES: "1" },
        LOG_LEVEL: "debug",
      },
    });
  const answer = { kind: "status", status: 503 } as const;
  const repair = sandbox.addFault({ upstream: "threatfox", times: 1_000, answer });
  const both = await Promise.all([run(), run()]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([1, 1]);
  expect(receiver.notifications()).toMatchObject([{ event: "failing", resolved: false }]);
  repair();
  const last = await run();
  expect(last.exitCode, last.stderr).toBe(0);
  expect(receiver.notifications()).toMatchObject([{}, { event: "failing", resolved: true }]);
  expect([...both, last].map(({ stderr }) => stderr).join("")).not.toContain(receiverSecret);
});

test("notify sends a test notification, and explains why it does not arrive", async () => {
  const receiver = await startReceiver();
  const notify = (env: Readonly<Record<string, string>>) =>
    startProcess(["notify"], { folder: temporaryFolder(), env: { HTTP_RETRIES: "0", ...env } });
  const sent = await notify({ NOTIFY_URL: receiver.url });
  expect(sent.exitCode, sent.stderr).toBe(0);
  expect(sent.stderr).toContain("Sent a test notification to NOTIFY_URL as json.");
  expect(receiver.notifications()).toMatchObject([{ event: "test", connector: null }]);
  receiver.answer((response) => response.writeHead(404).end("no_service"));
  const refused = await notify({ NOTIFY_URL: receiver.url });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/^Error: .*answered 404 Not Found: no_service/m);
  expect(refused.stderr).not.toContain(receiverSecret);
  const unset = await notify({});
  expect(unset.exitCode).toBe(2);
  expect(unset.stderr).toContain("NOTIFY_URL is not set");
});
