import { askDemo, configureConnector, findDemoFaults, parseConfig } from "@cti-connectors/core/host";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { startDemoUpstream } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { cisaKev } from "../../src/cisa-kev.js";
import { demo } from "../../src/demo.js";
import { runKev } from "../../src/testing/run-kev.js";

describeOnServers("the demo", (openDatabase) => {
  test("loads without a rejected entry, answers its questions, and the second run gets 304", async () => {
    const upstream = await startDemoUpstream(demo);
    if (upstream === undefined) {
      throw new Error("the demo has no upstream");
    }
    onTestFinished(() => upstream.close());
    const store = await openDatabase();
    const settings = demo.settings(upstream);

    expect(await runKev(store, settings)).toMatchObject({
      status: "ok",
      requests: 1,
      steps: [{ extracted: 9, inserted: 9, rejected: 0 }],
    });
    const configured = configureConnector(cisaKev, parseConfig(cisaKev.config, settings));
    const answers = await askDemo(cisaKev, configured, store.reader);
    expect(answers).toHaveLength(2);
    expect(findDemoFaults(answers)).toEqual([]);

    const second = await runKev(store, settings);
    expect(second).toMatchObject({ status: "ok", requests: 1, steps: [{ extracted: 0 }] });
    const other = new URL("/other.json", upstream.url).href;
    expect(await runKev(store, { KEV_URL: other })).toMatchObject({ status: "failed" });
  });
});
