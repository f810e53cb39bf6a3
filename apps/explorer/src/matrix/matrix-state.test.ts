import { expect, test } from "vitest";
import { readMatrixState, toggleOpened } from "./matrix-state.js";

function stateOf(search: string) {
  const query = new URLSearchParams(search);
  return readMatrixState({
    get: (name) => query.get(name) || undefined,
    getAll: (name) => query.getAll(name),
  });
}

test("an address says all of the state", () => {
  expect(
    stateOf(
      "release=17.1&by=subjects&subject=G0016&subject=win.emotet&days=7&tactic=impact&platform=Linux&only=marked&open=T1,T2",
    ),
  ).toEqual({
    release: "17.1",
    by: "subjects",
    days: 7,
    subjects: ["G0016", "win.emotet"],
    from: undefined,
    to: undefined,
    filter: { tactics: ["impact"], platforms: ["Linux"], onlyMarked: true },
    opened: new Set(["T1", "T2"]),
  });
});

test.each(["", "by=nothing&days=0&open=", "days=1.5", "days=-3", "days=99999", "days=x"])(
  "%j means what is usual",
  (search) => {
    expect(stateOf(search)).toMatchObject({ by: "iocs", days: 30, subjects: [], opened: new Set() });
  },
);

test("techniques open and close, also when all are open", () => {
  expect(toggleOpened(new Set(), "T2", ["T1", "T2"])).toBe("T2");
  expect(toggleOpened(new Set(["T2"]), "T1", ["T1", "T2"])).toBe("T1,T2");
  expect(toggleOpened(new Set(["T2"]), "T2", ["T1", "T2"])).toBeUndefined();
  expect(toggleOpened("all", "T2", ["T1", "T2", "T3"])).toBe("T1,T3");
});
