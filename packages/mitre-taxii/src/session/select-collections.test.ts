import { expect, test } from "vitest";
import type { TaxiiCollection } from "../taxii/collections.js";
import { selectCollections } from "./select-collections.js";

function collection(id: string, title: string, canRead = true, alias?: string): TaxiiCollection {
  return {
    id,
    title,
    alias,
    canRead,
    canWrite: false,
    mediaTypes: [],
    description: undefined,
    received: { id },
  };
}

const enterprise = collection("c--1", "Enterprise ATT&CK");
const ics = collection("c--2", "ICS ATT&CK", true, "ics-attack");
const secret = collection("c--3", "Secret", false);
const all = [enterprise, ics, secret];

test("takes all that may be read where no pattern is given, and tells which may not", () => {
  for (const patterns of [undefined, []]) {
    expect(selectCollections(all, patterns, undefined)).toEqual({
      selected: [enterprise, ics],
      unreadable: [secret],
      unmatched: [],
    });
  }
});

test("finds collections by id, title, alias and glob, in the server's order", () => {
  expect(selectCollections(all, ["*ATT&CK"], undefined).selected).toEqual([enterprise, ics]);
  expect(selectCollections(all, ["ics-attack", "c--1"], undefined).selected).toEqual([enterprise, ics]);
  expect(selectCollections(all, ["enterprise att&ck", "nothing"], undefined)).toEqual({
    selected: [enterprise],
    unreadable: [],
    unmatched: ["nothing"],
  });
});

test("keeps to the limit, which unreadable collections do not use up", () => {
  expect(selectCollections([secret, ics, enterprise], undefined, 1).selected).toEqual([ics]);
});
