import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { parseTerm } from "../term/parse-term.js";
import { attackObject } from "../testing/attack-objects.js";
import { loadObjects } from "../testing/load-attack.js";
import { suggestNames } from "./suggest-names.js";

describeOnServers("suggestNames", (openDatabase) => {
  test("suggests names and aliases that begin like the term, and no others", async () => {
    const store = await openDatabase();
    const named = (id: string, name: string, aliases: readonly string[] = []) =>
      attackObject("intrusion-set", id, { name, aliases: [name, ...aliases] });
    await loadObjects(store, [
      named("G9001", "Example Bear"),
      named("G9002", "Zebra", ["Example Cat"]),
      // One name on either side of the term.
      named("G9003", "Alpha", ["Zulu"]),
    ]);
    const view = { store: store.reader };
    const suggested = await suggestNames(view, parseTerm("éxample").readings);
    expect(suggested.map(({ id }) => id).sort()).toEqual(["G9001", "G9002"]);
    expect(await suggestNames(view, parseTerm("nosuchname").readings)).toEqual([]);
  });
});
