import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { attackObject } from "../testing/attack-objects.js";
import { loadObjects } from "../testing/load-attack.js";
import { readMatrix } from "./read-matrix.js";

const domain = "enterprise-attack";

function tactic(id: string, x_mitre_shortname: string) {
  return attackObject("x-mitre-tactic", id, { name: x_mitre_shortname.toUpperCase(), x_mitre_shortname });
}

function technique(id: string, name: string, tactics: readonly string[], more: object = {}) {
  const kill_chain_phases = tactics.map((phase_name) => ({ kill_chain_name: "mitre-attack", phase_name }));
  const is_sub = id.includes(".");
  return attackObject("attack-pattern", id, {
    ...{ name, kill_chain_phases, x_mitre_is_subtechnique: is_sub, x_mitre_platforms: ["Windows"], ...more },
  });
}

const [execution, impact] = [tactic("TA0002", "execution"), tactic("TA0001", "impact")];
const current = [
  ...[impact, execution],
  attackObject("x-mitre-matrix", "enterprise", { tactic_refs: [execution.id, impact.id] }),
  technique("T1001", "Zip", ["execution", "impact"]),
  technique("T1001.002", "second", ["execution"]),
  technique("T1001.001", "first", ["execution"]),
  technique("T1002", "Arc", ["execution"], { x_mitre_platforms: [] }),
  technique("T1003", "Revoked", ["execution"], { revoked: true }),
  technique("T1004", "Deprecated", ["execution"], { x_mitre_deprecated: true }),
];

describeOnServers("readMatrix", (openDatabase) => {
  test("has the tactics in the matrix's order, techniques by name, and sub-techniques", async () => {
    const store = await openDatabase();
    await loadObjects(store, current);
    const { tactics, techniques, ...rest } = await readMatrix({ store: store.reader, domain });
    expect(rest).toEqual({ domain, release: "18.1" });
    expect(tactics).toEqual([
      { ...nameOf(execution), short_name: "execution", techniques: ["T1002", "T1001"] },
      { ...nameOf(impact), short_name: "impact", techniques: ["T1001"] },
    ]);
    expect(Object.keys(techniques)).toEqual(["T1001", "T1001.001", "T1001.002", "T1002"]);
    expect(techniques.T1001).toEqual({
      id: "attack-pattern--T1001",
      attack_id: "T1001",
      name: "Zip",
      platforms: ["Windows"],
      tactics: ["execution", "impact"],
      deprecated: false,
      sub_techniques: ["T1001.001", "T1001.002"],
    });
    expect(techniques["T1001.001"]).toMatchObject({ name: "first", sub_techniques: [] });
  });

  test("is that of the release that is asked for, if it is stored", async () => {
    const store = await openDatabase();
    const loading = { releases: "all" };
    await loadObjects(store, [...current.slice(0, 4)], { ...loading, version: "17.1" });
    await loadObjects(store, current, { ...loading, version: "18.1" });
    const view = { store: store.reader, domain } as const;
    const older = await readMatrix({ ...view, release: "17.1" });
    expect([older.release, Object.keys(older.techniques)]).toEqual(["17.1", ["T1001"]]);
    expect(await readMatrix({ ...view, release: "18.1" })).toEqual(await readMatrix(view));
    await expect(readMatrix({ ...view, release: "9.1" })).rejects.toThrow("these are: 17.1, 18.1");
  });
});

function nameOf({ id, name, external_references }: ReturnType<typeof attackObject>) {
  return { id, name, attack_id: external_references[0]?.external_id };
}
