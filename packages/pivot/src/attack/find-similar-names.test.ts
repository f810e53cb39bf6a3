import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { attackObject } from "../testing/attack-objects.js";
import { loadObjects } from "../testing/load-attack.js";
import { findSimilarNames } from "./find-similar-names.js";

describeOnServers("findSimilarNames", (openDatabase) => {
  test("finds names and aliases that begin like a name, and no others", async () => {
    const store = await openDatabase();
    const named = (id: string, name: string, aliases: readonly string[] = []) =>
      attackObject("intrusion-set", id, { name, aliases: [name, ...aliases] });
    await loadObjects(store, [
      named("G9001", "Example Bear"),
      named("G9002", "Zebra", ["Example Cat"]),
      // One name on either side of the term.
      named("G9003", "Alpha", ["Zulu"]),
      attackObject("intrusion-set", "G9004", { name: "Example Dog", revoked: true }),
    ]);
    const view = { store: store.reader };
    const similar = async (name: string, limit = 10, types?: ReadonlySet<string>) =>
      (await findSimilarNames(view, name, { limit, ...(types !== undefined && { types }) })).map(
        ({ id }) => id,
      );
    expect((await similar("éxample")).sort()).toEqual(["G9001", "G9002"]);
    expect(await similar("Example Cta")).toEqual(["G9002", "G9001"]);
    expect(await similar("Example Cta", 1)).toEqual(["G9002"]);
    expect(await similar("example", 10, new Set(["malware"]))).toEqual([]);
    expect(await similar("nosuchname")).toEqual([]);
    expect(await similar("ex")).toEqual([]);
  });
});
