import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { runPipeline } from "../testing/pipeline.js";
import { ics, release17, release18, technique } from "../testing/small-releases.js";
import { useServers } from "../testing/start-servers.js";
import { findNewestReleases } from "./find-newest-releases.js";

const servers = useServers();

describeOnServers("the newest stored releases", (openDatabase) => {
  test("are none of an empty database, and none of a server without releases", async () => {
    const store = await openDatabase();
    expect(await findNewestReleases(store.reader)).toEqual([]);
    const { taxiiUrl } = await servers.start([[technique("T0001", "Alone", "2025-01-01T00:00:00.000Z")]], {
      flavor: "standard",
    });
    await runPipeline(store, { MITRE_TAXII_URL: taxiiUrl, MITRE_REQUEST_BUDGET: "off" });
    expect(await findNewestReleases(store.reader)).toEqual([]);
  });

  test("are one of each collection, and count what they changed", async () => {
    const store = await openDatabase();
    for (const release of [release17, release18]) {
      const { taxiiUrl } = await servers.start([release]);
      await runPipeline(store, { MITRE_TAXII_URL: taxiiUrl, MITRE_REQUEST_BUDGET: "off" });
    }
    const newest = await findNewestReleases(store.reader);
    expect(newest).toMatchObject([{ id: ics, version: "18.1" }]);
    expect(await newest[0]?.countChanges("17.1")).toEqual({
      added: 2,
      modified: 4,
      revoked: 1,
      deprecated: 1,
      withdrawn: 2,
    });
    expect(await newest[0]?.countChanges("3.0")).toBeUndefined();
  });
});
