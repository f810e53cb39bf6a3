import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { rememberCurrent } from "../documents/current-ids.js";
import { createHttpClient } from "../http/create-http-client.js";
import { createLogger } from "../log/create-logger.js";
import { createCheckpoints } from "../store/checkpoints.js";
import { createDataRedactor } from "../store/redact-data.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { holdReads } from "./hold-reads.js";
import { createStepTally } from "./run-event.js";
import { runStep } from "./run-step.js";

const things = stepFor({ config: z.object({}) })({
  name: "things",
  summary: "",
  collection: "things",
  record: z.string(),
  checkpoint: z.number(),
  async *extract() {
    yield { records: ["1"], checkpoint: 1 };
    yield { records: ["2"], checkpoint: 2 };
  },
  transform: (id) => [{ collection: "things", _id: id, data: id, enriched: {} }],
});
const source = configureConnector(
  defineConnector({ name: "source", summary: "", config: z.object({}), steps: [things] }),
  {},
);

describeOnMongo("runStep", (database) => {
  test.each([
    { held: 2, stored: ["1"], saved: 1, when: "before the second page" },
    { held: 3, stored: ["1", "2"], saved: 1, when: "while the second page was stored" },
  ])(
    "leaves the checkpoint to the other run when the lease was lost $when",
    async ({ held, stored, saved }) => {
      const { store } = database();
      const redactor = createDataRedactor([]);
      const checkpoints = createCheckpoints(store, "source", ["things"], redactor);
      const log = createLogger({ level: "silent" });
      const { signal } = new AbortController();
      const [step] = source.steps;
      let asked = 0;
      const running = runStep({
        connector: "source",
        step: step ?? expect.fail("the connector has a step"),
        store,
        http: createHttpClient({ settings: {}, log, signal }),
        reads: holdReads(store.reader),
        giveUp: () => {},
        overlap: true,
        session: { open: async () => undefined, close: async () => {} },
        checkpoints,
        log,
        signal,
        filesFolder: "",
        redact: (text) => text,
        redactor,
        runId: "run-1",
        full: false,
        dryRun: false,
        removals: { maxShare: 1, acceptAll: true },
        now: () => new Date(),
        tally: createStepTally(),
        current: rememberCurrent(),
        onBatch: () => {},
        onPage: () => {},
        assertHeld: async () => {
          asked += 1;
          if (asked > held) {
            throw new Error("lost");
          }
        },
      });
      await expect(running).rejects.toThrow("lost");
      expect((await database().all("things")).map(({ _id }) => _id)).toEqual(stored);
      expect(await checkpoints.load("things")).toBe(saved);
    },
  );
});
