import { runInTest } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { malwareLinks } from "../links-connector.js";
import { attackObject } from "../testing/attack-objects.js";
import { loadObjects } from "../testing/load-attack.js";
import { familyDocument, storeSources } from "../testing/store-sources.js";
import { completeTerm } from "./complete-term.js";

describeOnServers("completeTerm", (openDatabase) => {
  test("finds ids, names, aliases and families that begin like it", async () => {
    const store = await openDatabase();
    await loadObjects(store, [
      attackObject("intrusion-set", "G0001", { name: "Cobalt Group", aliases: ["Cobalt Group"] }),
      attackObject("intrusion-set", "G0002", { name: "Other", aliases: ["Other", "Cobalt Gypsy"] }),
      attackObject("attack-pattern", "T1001", { name: "Cobalt Technique" }),
      attackObject("attack-pattern", "T1001.001"),
      attackObject("attack-pattern", "T1003", { name: "Cobalt" }),
      attackObject("attack-pattern", "T1004", { name: "Else", x_mitre_aliases: ["Cobalt G"] }),
      attackObject("malware", "S0001", { name: "Something else" }),
      attackObject("attack-pattern", "T1002", { name: "Cobalt Revoked", revoked: true }),
      attackObject("x-mitre-analytic", "AN0001", { name: "Cobalt Analytic" }),
    ]);
    await storeSources(store, "threatfox_malware", [familyDocument("win.cobalt_strike", "Cobalt Strike")]);
    await runInTest({ connector: malwareLinks, environment: {}, store });
    const idsOf = async (prefix: string, limit = 10) =>
      (await completeTerm({ store: store.reader }, prefix, { limit })).map(({ id }) => id);
    // An exact name or alias comes first, whatever else begins so.
    expect(await idsOf("co-BALT")).toEqual([
      "T1003",
      "G0001",
      "win.cobalt_strike",
      "T1001",
      "G0002",
      "T1004",
    ]);
    expect(await idsOf("cobalt g")).toEqual(["T1004", "G0001", "G0002"]);
    expect(await idsOf("cobalt g", 1)).toEqual(["T1004"]);
    expect(await idsOf("t1001")).toEqual(["T1001", "T1001.001"]);
    expect(await idsOf("T1001.")).toEqual(["T1001.001"]);
    expect(await idsOf("c")).toEqual([]);
    expect(await idsOf(".*")).toEqual([]);
  });
});
