import type { LayerJson } from "@cti-connectors/server/answers";
import { expect, test } from "vitest";
import { readMarks } from "./marks.js";
import { fillOf, heat } from "./palette.js";

function layer(content: Partial<LayerJson>): LayerJson {
  return {
    name: "a layer",
    versions: { navigator: "5.0.0", layer: "4.5" },
    domain: "enterprise-attack",
    description: "",
    layout: { layout: "side", showID: true, showName: true, expandedSubtechniques: "annotated" },
    techniques: [],
    legendItems: [],
    metadata: [],
    links: [],
    selectTechniquesAcrossTactics: true,
    selectSubtechniquesWithParent: false,
    ...content,
  };
}

test("scores are text and a step of the colours; what is only unfolded has none", () => {
  const { byTechnique, legend } = readMarks(
    layer({
      techniques: [
        { techniqueID: "T1", showSubtechniques: true },
        { techniqueID: "T1.001", score: 1234, comment: "Emotet: 1234" },
        { techniqueID: "T2", score: 1 },
        { techniqueID: "T3", score: 0 },
      ],
    }),
    "iocs",
  );
  expect([...byTechnique]).toEqual([
    ["T1.001", { text: "1.23K", label: "1,234 IOCs", fill: heat[4], score: 1234, comment: "Emotet: 1234" }],
    ["T2", { text: "1", label: "1 IOC", fill: heat[0], score: 1, comment: undefined }],
  ]);
  expect(legend.map(({ text, label }) => `${text} ${label}`.trim())).toEqual([
    "1–4",
    "5–17",
    "18–71",
    "72–297",
    "298+ IOCs",
  ]);
});

test("nothing to show has no legend", () => {
  expect(readMarks(layer({}), "groups")).toEqual({ byTechnique: new Map(), legend: [] });
});

test("each subject has a letter and its colour, overlaps have theirs", () => {
  const usedBy = (...names: readonly string[]) => names.map((value) => ({ name: "used by", value }));
  const { byTechnique, legend } = readMarks(
    layer({
      techniques: [
        { techniqueID: "T1", score: 1, color: "#66b1ff", metadata: usedBy("APT29 (G0016)") },
        { techniqueID: "T2", score: 2, metadata: usedBy("APT29 (G0016)", "Emotet (S0367)") },
        { techniqueID: "T3", showSubtechniques: true },
      ],
      gradient: { colors: ["#fee0d2", "#de2d26"], minValue: 1, maxValue: 2 },
      legendItems: [
        { label: "only APT29 (G0016)", color: "#66b1ff" },
        { label: "only Emotet (S0367)", color: "#a3e29f" },
        { label: "used by 2 of 2", color: "#de2d26" },
      ],
      metadata: [
        { name: "ATT&CK", value: "18.1" },
        { name: "APT29 (G0016)", value: "66 techniques" },
        { name: "Emotet (S0367)", value: "40 techniques" },
      ],
    }),
    "subjects",
  );
  expect(byTechnique.get("T1")).toMatchObject({ text: "A", fill: fillOf("#66b1ff") });
  expect(byTechnique.get("T2")).toMatchObject({
    text: "AB",
    label: "used by APT29 (G0016), Emotet (S0367)",
    fill: fillOf("#de2d26"),
  });
  expect([...byTechnique.keys()]).toEqual(["T1", "T2"]);
  expect(legend.map(({ text, label }) => [text, label])).toEqual([
    ["A", "only APT29 (G0016)"],
    ["B", "only Emotet (S0367)"],
    ["2", "used by 2 of 2"],
  ]);
});

test("changes are words", () => {
  const { byTechnique, legend } = readMarks(
    layer({
      techniques: [
        {
          techniqueID: "T1",
          color: "#c7c4e0",
          comment: "Changed: minor version in 18.1.",
          metadata: [{ name: "change", value: "changed: minor version" }],
        },
        { techniqueID: "T2", showSubtechniques: true },
      ],
      legendItems: [{ label: "changed: minor version", color: "#c7c4e0" }],
      metadata: [{ name: "changed: minor version", value: "1 techniques" }],
    }),
    "changes",
  );
  expect([...byTechnique]).toEqual([
    [
      "T1",
      {
        text: "minor",
        label: "changed: minor version",
        fill: fillOf("#c7c4e0"),
        comment: "Changed: minor version in 18.1.",
      },
    ],
  ]);
  expect(legend).toEqual([
    { text: "minor", label: "changed: minor version: 1 techniques", fill: fillOf("#c7c4e0") },
  ]);
});
