import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { attackObject, relationship } from "../testing/attack-objects.js";
import { loadObjects } from "../testing/load-attack.js";
import { listObjects } from "./list-objects.js";

function technique(id: string, tactic: string, platform: string, more: object = {}) {
  return attackObject("attack-pattern", id, {
    kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: tactic }],
    x_mitre_platforms: [platform],
    ...more,
  });
}

const component = attackObject("x-mitre-data-component", "DC0001");
const techniques = [
  technique("T1003", "execution", "Windows"),
  technique("T1001", "impact", "Windows"),
  technique("T1002", "execution", "Linux"),
  technique("T1004", "execution", "Linux", { x_mitre_deprecated: true }),
];

describeOnServers("listObjects", (openDatabase) => {
  test("lists what there is of a type, page by page, by tactic, platform and data component", async () => {
    const store = await openDatabase();
    await loadObjects(store, [
      ...techniques,
      component,
      attackObject("malware", "S0002"),
      attackObject("tool", "S0001"),
      attackObject("x-mitre-tactic", "TA0002", { name: "Execution", x_mitre_shortname: "execution" }),
      ...techniques.slice(0, 1).map(({ id }) => relationship("detects", component.id, id)),
    ]);
    const view = { store: store.reader };
    const list = async (options: Omit<Parameters<typeof listObjects>[1], "limit">) =>
      (await listObjects(view, { limit: 9, ...options })).objects.map(({ attack_id }) => attack_id);
    expect(await list({ type: "software" })).toEqual(["S0001", "S0002"]);
    expect(await list({ type: "technique" })).toEqual(["T1001", "T1002", "T1003"]);
    for (const tactic of ["TA0002", "Execution", "execution"]) {
      expect(await list({ type: "technique", tactic })).toEqual(["T1002", "T1003"]);
    }
    expect(await list({ type: "technique", tactic: "nosuch" })).toEqual([]);
    expect(await list({ type: "technique", platform: "Windows" })).toEqual(["T1001", "T1003"]);
    expect(await list({ type: "technique", tactic: "execution", platform: "Linux" })).toEqual(["T1002"]);
    expect(await list({ type: "technique", dataComponent: "DC0001" })).toEqual(["T1003"]);

    const first = await listObjects(view, { type: "technique", limit: 2 });
    expect(first).toMatchObject({ objects: [{ attack_id: "T1001" }, { attack_id: "T1002" }], next: "T1002" });
    const last = await listObjects(view, { type: "technique", limit: 2, after: "T1002" });
    expect(last).toEqual({
      objects: [expect.objectContaining({ id: "attack-pattern--T1003", platforms: ["Windows"] })],
    });
  });
});
