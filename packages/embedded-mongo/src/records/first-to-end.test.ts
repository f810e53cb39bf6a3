import { expect, test } from "vitest";
import { firstToEnd } from "./first-to-end.js";
import { PAUSE, type Pause, withoutPauses } from "./pause.js";

function* stream(...items: readonly (number | Pause)[]) {
  yield* items;
}

function* endless(): Generator<number | Pause> {
  for (;;) {
    yield PAUSE;
  }
}

test("takes what ends first, and nothing of the other", () => {
  const ends = [...withoutPauses(firstToEnd(endless(), stream(PAUSE, 1, PAUSE, 2, 3), 2))];
  expect(ends).toEqual([1, 2]);
  expect([...withoutPauses(firstToEnd(stream(PAUSE, 1, PAUSE, 2), endless(), 2))]).toEqual([1, 2]);
  expect([...withoutPauses(firstToEnd(stream(PAUSE, PAUSE, 1, PAUSE, 2), stream(1, PAUSE, 2), 3))]).toEqual([
    1, 2,
  ]);
});

test("a walk with a head start goes on alone, and by turns behind it", () => {
  function* never(): Generator<number | Pause> {
    yield* [];
    throw new Error("asked");
  }
  expect([...firstToEnd(never(), stream(PAUSE, 1, PAUSE, 2, 3), 2, 3)]).toEqual([PAUSE, PAUSE, 1, 2]);
  expect([...withoutPauses(firstToEnd(stream(PAUSE, 1, 2), endless(), 2, 3))]).toEqual([1, 2]);
});

test("a walk to the end has all that there are", () => {
  expect([...withoutPauses(firstToEnd(endless(), stream(1, PAUSE, 2), 20))]).toEqual([1, 2]);
});
