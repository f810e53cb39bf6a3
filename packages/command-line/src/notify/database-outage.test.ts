import { createLogger, parseConfig } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { programConfig } from "../settings/program-config.js";
import { startReceiver } from "../testing/start-receiver.js";
import { createDatabaseOutage } from "./database-outage.js";

test("a database that cannot be opened is reported once, at the third time in a row, and when it can again", async () => {
  const receiver = await startReceiver();
  const base = parseConfig(programConfig, { NOTIFY_URL: receiver.url, HTTP_RETRIES: "0" });
  const run = {
    settings: { base, connectors: [] },
    log: createLogger({ level: "silent" }),
    redact: (text: string) => text.replaceAll("pa55word", "[redacted]"),
  };
  const outage = createDatabaseOutage({ signal: new AbortController().signal });
  const fail = () => outage.failed(run, new Error("No MongoDB at mongodb://me:pa55word@db/"));
  await fail();
  await fail();
  await outage.opened(run);
  await fail();
  await fail();
  expect(receiver.bodies).toEqual([]);
  receiver.answer((response) => response.writeHead(500).end());
  await fail();
  receiver.answer((response) => response.writeHead(200).end());
  await fail();
  await fail();
  await outage.opened(run);
  await outage.opened(run);
  const [refused, begun, over, ...others] = receiver.notifications();
  expect(others).toEqual([]);
  expect(refused?.id).toBe(begun?.id);
  expect(begun).toMatchObject({
    event: "database",
    resolved: false,
    connector: null,
    title: "The database could not be opened 4 times in a row",
    details: { failures: 4, reason: "No MongoDB at mongodb://me:[redacted]@db/" },
  });
  expect(over).toMatchObject({ event: "database", resolved: true });
  expect(over?.details.since).toBe(begun?.details.since);
});
