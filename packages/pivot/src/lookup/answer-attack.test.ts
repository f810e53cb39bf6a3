import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { findObjects } from "../attack/find-objects.js";
import { attackObject, relationship } from "../testing/attack-objects.js";
import { loadObjects } from "../testing/load-attack.js";
import { answerAttack } from "./answer-attack.js";

const technique = attackObject("attack-pattern", "T9001", {
  kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: "impact" }],
});
const component = attackObject("x-mitre-data-component", "DC9001");
const analytic = attackObject("x-mitre-analytic", "AN9001", {
  x_mitre_log_source_references: [{ x_mitre_data_component_ref: component.id, name: "Sysmon" }],
});
const strategy = attackObject("x-mitre-detection-strategy", "DET9001", {
  x_mitre_analytic_refs: [analytic.id],
});
const asset = attackObject("x-mitre-asset", "A9001");
const mitigation = attackObject("course-of-action", "M9001");

describeOnServers("answerAttack", (openDatabase) => {
  test("leads from whatever techniques belong to, to the techniques", async () => {
    const store = await openDatabase();
    await loadObjects(store, [
      ...[technique, component, analytic, strategy, asset, mitigation],
      attackObject("attack-pattern", "T9002"),
      attackObject("x-mitre-tactic", "TA9001", { x_mitre_shortname: "impact" }),
      relationship("detects", strategy.id, technique.id),
      relationship("targets", technique.id, asset.id),
      relationship("mitigates", mitigation.id, technique.id),
    ]);
    const view = { store: store.reader };
    for (const id of ["TA9001", "DET9001", "DC9001", "A9001", "M9001"]) {
      const [object] = await findObjects(view, id);
      const techniques = object && (await answerAttack(view, object)).techniques;
      expect(techniques, id).toEqual([expect.objectContaining({ attack_id: "T9001", tactics: ["impact"] })]);
    }
  });
});
