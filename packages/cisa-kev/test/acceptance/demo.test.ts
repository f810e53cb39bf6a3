import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { startDemoUpstream } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { demo } from "../../src/demo.js";
import { runKev } from "../../src/testing/run-kev.js";

describeOnServers("the demo", (openDatabase) => {
  test("answers 304 to who has its catalogue, and 404 for everything else", async () => {
    const upstream = await startDemoUpstream(demo);
    onTestFinished(() => upstream.close());
    const [store, settings] = [await openDatabase(), demo.settings(upstream)];
    expect(await runKev(store, settings)).toMatchObject({
      status: "ok",
      steps: [{ inserted: 9, rejected: 0 }],
    });
    expect(
      (await fetch(settings.KEV_URL ?? "", { headers: { "if-none-match": '"2026.11.24"' } })).status,
    ).toBe(304);
    expect(await runKev(store, settings)).toMatchObject({ status: "ok", steps: [{ extracted: 0 }] });
    const elsewhere = { KEV_URL: new URL("/other.json", upstream.url).href };
    expect(await runKev(store, elsewhere)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("404"),
    });
  });
});
