import { expect, test } from "vitest";
import { foldName, foldNames } from "./fold-name.js";

test.each([
  ["Cobalt Strike", "cobaltstrike"],
  ["cobalt-strike", "cobaltstrike"],
  ["win.cobalt_strike", "wincobaltstrike"],
  ["Gh0st RAT", "gh0strat"],
  ["APT-C-36", "aptc36"],
  ["Máquina №1", "maquinano1"],
  ["Ｆｕｌｌ ｗｉｄｔｈ", "fullwidth"],
  ["İstanbul", "istanbul"],
  ["ﬁle²", "file2"],
  ["Туrла Й", "туrлаи"],
  ["海莲花", "海莲花"],
  ["e\u0301le\u0300ve", "eleve"],
  ["a\u200bb\u00adc", "abc"],
])("folds %j to %j", (name, folded) => {
  expect(foldName(name)).toBe(folded);
  expect(foldName(folded)).toBe(folded);
});

test.each(["", " ", "---", "💥", "\u0301"])("leaves nothing of %j", (name) => {
  expect(foldName(name)).toBe("");
});

test("folded names come once each, in their order, and those without letters and digits are left out", () => {
  expect(foldNames(["Cobalt Strike", "CobaltStrike", "!", "Agentemis"])).toEqual([
    "cobaltstrike",
    "agentemis",
  ]);
});
