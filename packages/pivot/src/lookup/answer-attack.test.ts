import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { beforeEach, expect, test } from "vitest";
import { type AttackView, collectionIds } from "../attack/attack-view.js";
import { findObjects } from "../attack/find-objects.js";
import { attackObject, relationship } from "../testing/attack-objects.js";
import { loadObjects } from "../testing/load-attack.js";
import { answerAttack } from "./answer-attack.js";

const technique = attackObject("attack-pattern", "T9001", {
  kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: "impact" }],
});
const source = attackObject("x-mitre-data-source", "DS9001");
const component = attackObject("x-mitre-data-component", "DC9001", { x_mitre_data_source_ref: source.id });
const analytic = attackObject("x-mitre-analytic", "AN9001", {
  x_mitre_platforms: ["Windows"],
  x_mitre_log_source_references: [
    { x_mitre_data_component_ref: component.id, name: "Sysmon", channel: "EventCode=1" },
  ],
});
const strategy = attackObject("x-mitre-detection-strategy", "DET9001", {
  x_mitre_analytic_refs: [analytic.id],
});
const tactic = attackObject("x-mitre-tactic", "TA9001", { x_mitre_shortname: "impact" });
const earlier = attackObject("x-mitre-tactic", "TA9002", { x_mitre_shortname: "reconnaissance" });
const matrix = attackObject("x-mitre-matrix", "enterprise-attack", { tactic_refs: [earlier.id, tactic.id] });
const asset = attackObject("x-mitre-asset", "A9001");
const mitigation = attackObject("course-of-action", "M9001");
const otherMitigation = attackObject("course-of-action", "M9002");
const otherTechnique = attackObject("attack-pattern", "T9002");
const software = attackObject("malware", "S9001");
const otherSoftware = attackObject("tool", "S9002");
const group = attackObject("intrusion-set", "G9001");
const campaign = attackObject("campaign", "C9001");

const objects = [
  ...[technique, source, component, analytic, strategy, tactic, earlier, matrix, asset, mitigation],
  otherTechnique,
  relationship("detects", strategy.id, technique.id),
  relationship("targets", technique.id, asset.id),
  relationship("mitigates", mitigation.id, technique.id),
  relationship("mitigates", otherMitigation.id, technique.id),
  relationship("mitigates", otherMitigation.id, otherTechnique.id),
  ...[otherMitigation, software, otherSoftware, group, campaign],
  relationship("uses", software.id, technique.id),
  relationship("uses", software.id, otherTechnique.id),
  relationship("uses", otherSoftware.id, otherTechnique.id),
  relationship("uses", group.id, software.id),
  relationship("attributed-to", campaign.id, group.id),
];

const isNamed = (attack_id: string) => expect.objectContaining({ attack_id });
const reads = {
  ...{ attack_id: "AN9001", platforms: ["Windows"] },
  log_sources: [{ name: "Sysmon", channel: "EventCode=1", data_component: isNamed("DC9001") }],
};

describeOnServers("answerAttack", (openDatabase) => {
  let view: AttackView;
  beforeEach(async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    view = { store: store.reader };
  });

  async function answer(id: string) {
    const [object = expect.fail(`${id} is not stored`)] = await findObjects(view, id);
    const [found = expect.fail(`${id} has no answer`)] = await answerAttack(view, [object]);
    return found;
  }

  test("leads from whatever techniques belong to, to the techniques", async () => {
    for (const id of ["TA9001", "DET9001", "AN9001", "DC9001", "DS9001", "A9001", "M9001"]) {
      const { techniques } = await answer(id);
      expect(techniques, id).toEqual([expect.objectContaining({ attack_id: "T9001", tactics: ["impact"] })]);
    }
  });

  test("shows what stands between techniques and the data that detects them", async () => {
    const analytics = [expect.objectContaining(reads)];
    const ofTechnique = { detection_strategies: [isNamed("DET9001")], data_components: [isNamed("DC9001")] };
    expect(await answer("T9001")).toMatchObject({ ...ofTechnique, assets: [isNamed("A9001")] });
    expect(await answer("AN9001")).toMatchObject({ ...ofTechnique, analytics });
    expect(await answer("DET9001")).toMatchObject({ analytics, data_components: [isNamed("DC9001")] });
    const ofComponent = { detection_strategies: [isNamed("DET9001")], data_sources: [isNamed("DS9001")] };
    expect(await answer("DC9001")).toMatchObject(ofComponent);
    expect(await answer("DS9001")).toMatchObject({ data_components: [isNamed("DC9001")] });
  });

  test("answers several objects as it answers each of them", async () => {
    const ids = ["S9001", "S9002", "G9001", "C9001", "T9001", "M9001", "DET9001", "A9001"];
    const asked = (await Promise.all(ids.map((id) => findObjects(view, id)))).flat();
    const together = await answerAttack(view, asked);
    expect(together.map(({ object }) => object.attack_id)).toEqual(ids);
    for (const [index, id] of ids.entries()) {
      expect(together[index], id).toEqual(await answer(id));
    }
    const [one, other, group] = together;
    expect(one).toMatchObject({
      techniques: [isNamed("T9001"), isNamed("T9002")],
      mitigations: [
        { attack_id: "M9002", relations: 2 },
        { attack_id: "M9001", relations: 1 },
      ],
      data_components: [{ attack_id: "DC9001", relations: 1 }],
      groups: [isNamed("G9001")],
    });
    expect(other).toMatchObject({
      techniques: [isNamed("T9002")],
      mitigations: [{ attack_id: "M9002", relations: 1 }],
    });
    expect(other).toMatchObject({ data_components: [], detection_strategies: [], groups: [] });
    expect(group).toMatchObject({ software: [isNamed("S9001")], campaigns: [isNamed("C9001")] });
  });

  test("shows the tactics of a matrix and of a domain in their order", async () => {
    const tactics = [isNamed("TA9002"), isNamed("TA9001")];
    expect(await answer(matrix.id)).toMatchObject({ tactics });
    expect(await answer(collectionIds["enterprise-attack"])).toMatchObject({ tactics });
  });
});
