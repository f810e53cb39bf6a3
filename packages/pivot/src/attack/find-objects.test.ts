import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { loadObjects } from "../testing/load-attack.js";
import { findObjects } from "./find-objects.js";

const group = {
  type: "intrusion-set",
  id: "intrusion-set--1",
  name: "Sandworm Team",
  created: "2020-01-01T00:00:00.000Z",
  modified: "2024-01-01T00:00:00.000Z",
  external_references: [
    { source_name: "mitre-attack", external_id: "G0034", url: "https://attack.mitre.org/groups/G0034" },
  ],
  x_mitre_domains: ["enterprise-attack"],
};

describeOnServers("findObjects", (openDatabase) => {
  test("finds an object by its ATT&CK id, in its domain", async () => {
    const store = await openDatabase();
    await loadObjects(store, [group]);
    const view = { store: store.reader };
    const [found] = await findObjects(view, "G0034");
    expect(found).toMatchObject({
      id: "intrusion-set--1",
      name: "Sandworm Team",
      url: "https://attack.mitre.org/groups/G0034",
      modified: new Date(group.modified),
      stix: group,
    });
    expect(await findObjects({ ...view, domain: "enterprise-attack" }, "G0034")).toEqual([found]);
    expect(await findObjects({ ...view, domain: "mobile-attack" }, "G0034")).toEqual([]);
    expect(await findObjects(view, "G0035")).toEqual([]);
    expect(await findObjects(view, "g0034")).toEqual([found]);
    expect(await findObjects(view, ["intrusion-set--1"])).toEqual([found]);
  });
});
