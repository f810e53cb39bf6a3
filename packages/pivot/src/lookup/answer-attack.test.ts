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

const objects = [
  ...[technique, source, component, analytic, strategy, tactic, earlier, matrix, asset, mitigation],
  attackObject("attack-pattern", "T9002"),
  relationship("detects", strategy.id, technique.id),
  relationship("targets", technique.id, asset.id),
  relationship("mitigates", mitigation.id, technique.id),
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
    return answerAttack(view, object);
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

  test("shows the tactics of a matrix and of a domain in their order", async () => {
    const tactics = [isNamed("TA9002"), isNamed("TA9001")];
    expect(await answer(matrix.id)).toMatchObject({ tactics });
    expect(await answer(collectionIds["enterprise-attack"])).toMatchObject({ tactics });
  });
});
