import { expect, test } from "vitest";
import { type Column, layOut, type MatrixFilter, platformsOf } from "./lay-out.js";
import { fillOf } from "./palette.js";

function technique(
  attack_id: string,
  more: { platforms?: string[]; tactics?: string[]; subs?: string[] } = {},
) {
  const { platforms = ["Windows"], tactics = ["execution"], subs = [] } = more;
  return {
    id: `attack-pattern--${attack_id}`,
    attack_id,
    name: `Name of ${attack_id}`,
    platforms,
    tactics,
    deprecated: false,
    sub_techniques: subs,
  };
}

const matrix = {
  tactics: [
    { id: "x-mitre-tactic--1", name: "Execution", short_name: "execution", techniques: ["T1", "T2"] },
    { id: "x-mitre-tactic--2", name: "Persistence", short_name: "persistence", techniques: ["T1", "T3"] },
  ],
  techniques: {
    T1: technique("T1", { tactics: ["execution", "persistence"], subs: ["T1.001", "T1.002"] }),
    "T1.001": technique("T1.001", { tactics: ["execution", "persistence"] }),
    "T1.002": technique("T1.002", { platforms: ["Linux"] }),
    T2: technique("T2", { platforms: ["Linux"] }),
    T3: technique("T3", { tactics: ["persistence"] }),
  },
};
const mark = { text: "5", label: "5 IOCs", fill: fillOf("#ffffff"), score: 5 };
const marks = { byTechnique: new Map([["T1.002", mark]]) };
const everything: MatrixFilter = { tactics: [], platforms: [], onlyMarked: false };

function idsOf(columns: readonly Column[]) {
  return columns.map(({ cells }) => cells.map(({ technique: { attack_id } }) => attack_id).join(" "));
}

test("a technique is below each of its tactics, and its sub-techniques where they are open and belong", () => {
  expect(idsOf(layOut(matrix, marks, everything, new Set()))).toEqual(["T1 T2", "T1 T3"]);
  expect(idsOf(layOut(matrix, marks, everything, new Set(["T1"])))).toEqual([
    "T1 T1.001 T1.002 T2",
    "T1 T1.001 T3",
  ]);
  expect(idsOf(layOut(matrix, marks, everything, "all"))).toEqual(["T1 T1.001 T1.002 T2", "T1 T1.001 T3"]);
});

test("a closed technique tells how many of its sub-techniques are marked", () => {
  const [execution, persistence] = layOut(matrix, marks, everything, new Set());
  expect(execution).toMatchObject({ techniques: 2, marked: 1 });
  expect(execution?.cells[0]).toMatchObject({ subs: 2, markedSubs: 1, isOpen: false, mark: undefined });
  expect(persistence?.cells[0]).toMatchObject({ subs: 1, markedSubs: 0 });
});

test.each([
  [{ ...everything, tactics: ["persistence"] }, ["T1 T1.001 T3"]],
  [{ ...everything, platforms: ["Linux"] }, ["T1 T1.002 T2", ""]],
  [{ ...everything, onlyMarked: true }, ["T1 T1.002", ""]],
  [{ ...everything, onlyMarked: true, platforms: ["Windows"] }, ["", ""]],
])("with the filter %j it shows %j", (filter, expected) => {
  expect(idsOf(layOut(matrix, marks, filter, "all"))).toEqual(expected);
});

test("platforms are those of all techniques", () => {
  expect(platformsOf(matrix)).toEqual(["Linux", "Windows"]);
});
