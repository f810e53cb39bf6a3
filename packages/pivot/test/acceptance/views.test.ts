import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import {
  findMitigationsOf,
  findObjects,
  findObjectsByName,
  findProcedureExamples,
  findTechniquesOf,
  followRevoked,
} from "../../src/index.js";
import { attackObject, relationship } from "../../src/testing/attack-objects.js";
import { loadObjects } from "../../src/testing/load-attack.js";

const group = attackObject("intrusion-set", "G0034", {
  name: "Sandworm Team",
  aliases: ["Sandworm Team", "ELECTRUM"],
});
const powershell = attackObject("attack-pattern", "T1059.001", { name: "PowerShell" });
const deprecated = attackObject("attack-pattern", "T1153", { x_mitre_deprecated: true });
const revoked = attackObject("attack-pattern", "T1086", { revoked: true });
const revokedEarlier = attackObject("attack-pattern", "T0001", { revoked: true });
const circle = ["T0002", "T0003"].map((id) => attackObject("attack-pattern", id, { revoked: true }));
const orphan = attackObject("attack-pattern", "T0004", { revoked: true });
const oldMitigation = attackObject("course-of-action", "T1059.001", { x_mitre_deprecated: true });

const report = { source_name: "ESET 2017", description: "A report.", url: "https://example.com/eset" };
const description =
  "[Sandworm Team](https://attack.mitre.org/groups/G0034) ran scripts.(Citation: ESET 2017)";
const example = relationship("uses", group.id, powershell.id, { description, external_references: [report] });
const revokes = (from: { id: string }, to: { id: string }) => relationship("revoked-by", from.id, to.id);
const objects = [
  ...[group, powershell, deprecated, revoked, revokedEarlier, ...circle, orphan, oldMitigation, example],
  relationship("uses", group.id, deprecated.id),
  relationship("mitigates", oldMitigation.id, powershell.id),
  relationship("uses", attackObject("intrusion-set", "G9999").id, powershell.id),
  revokes(revokedEarlier, revoked),
  revokes(revoked, powershell),
  ...circle.map((object, index) => revokes(object, circle[1 - index] ?? object)),
];

const idsOf = (related: readonly { readonly object: { readonly attack_id?: string | undefined } }[]) =>
  related.map(({ object }) => object.attack_id);

describeOnServers("an answer", (openDatabase) => {
  test("quotes what ATT&CK says, and what it cites", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    const view = { store: store.reader };
    const [found, ...others] = await findProcedureExamples(view, "T1059.001");
    // The group G9999 is not stored.
    expect(others).toEqual([]);
    expect(found).toEqual({
      id: example.id,
      relationship_type: "uses",
      source: { id: group.id, attack_id: "G0034", name: "Sandworm Team", type: "intrusion-set" },
      target: { id: powershell.id, attack_id: "T1059.001", name: "PowerShell", type: "attack-pattern" },
      description,
      references: [report],
    });
  });

  test("leaves out what is revoked and deprecated, unless the view includes it", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    const view = { store: store.reader };
    const all = { ...view, includeRevokedDeprecated: true };
    expect(idsOf(await findTechniquesOf(view, "G0034"))).toEqual(["T1059.001"]);
    expect(idsOf(await findTechniquesOf(all, "G0034"))).toEqual(["T1059.001", "T1153"]);
    expect(await findMitigationsOf(view, "T1059.001")).toEqual([]);
    expect(idsOf(await findMitigationsOf(all, "T1059.001"))).toEqual(["T1059.001"]);
    const named = await findObjects(view, "T1059.001");
    expect(named.map(({ type }) => type)).toEqual(["attack-pattern", "course-of-action"]);
  });

  test("takes an object that was found before, an alias, and nothing for what is of another type", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    const view = { store: store.reader };
    const [electrum = expect.fail("not found")] = await findObjectsByName(view, "Electrum");
    expect(await findTechniquesOf(view, electrum)).toEqual(await findTechniquesOf(view, "G0034"));
    expect(await findTechniquesOf(view, [electrum, "G0034"])).toEqual(await findTechniquesOf(view, "G0034"));
    expect(await findTechniquesOf(view, ["T1059.001", "G0001"])).toEqual([]);
    expect(await findObjectsByName(view, ["…", ""])).toEqual([]);
  });

  test("follows what is revoked, ends in a circle, and knows no successor where there is none", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    const successorOf = async (id: string) => (await followRevoked({ store: store.reader }, id))?.attack_id;
    expect(await successorOf("T0001")).toBe("T1059.001");
    expect(await successorOf("T1059.001")).toBe("T1059.001");
    expect(await successorOf("T1153")).toBe("T1153");
    for (const id of ["T0002", "T0003", "T0004", "T9999"]) {
      expect(await successorOf(id)).toBeUndefined();
    }
  });

  test("follows the newest revocation that is not deprecated", async () => {
    const store = await openDatabase();
    const old = attackObject("attack-pattern", "T9000", { revoked: true });
    const named = (id: string) => attackObject("attack-pattern", id);
    const others = ["T1001", "T1002", "T1003"].map(named);
    const when = ["2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z", "2022-01-01T00:00:00.000Z"];
    await loadObjects(store, [
      ...[old, ...others],
      ...others.map(({ id }, index) =>
        relationship("revoked-by", old.id, id, { modified: when[index], x_mitre_deprecated: index === 2 }),
      ),
    ]);
    expect((await followRevoked({ store: store.reader }, "T9000"))?.attack_id).toBe("T1002");
  });

  test("has an object of two domains once, and in its domain only", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    await loadObjects(store, [group, powershell, example], { domain: "mobile-attack" });
    const view = { store: store.reader };
    const techniques = await findTechniquesOf(view, "G0034");
    expect(techniques.map(({ relationships }) => relationships.length)).toEqual([1]);
    expect((await findTechniquesOf({ ...view, domain: "mobile-attack" }, "G0034")).length).toBe(1);
    expect(await findTechniquesOf({ ...view, domain: "ics-attack" }, "G0034")).toEqual([]);
    expect((await findObjectsByName(view, "PowerShell")).length).toBe(1);
  });
});
