import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readStixBundle } from "../../src/files/read-stix-bundle.js";
import { type Sandbox, startSandbox } from "../../src/start-sandbox.js";
import { hasRealData, nameRealData, realData } from "../../src/testing/real-data.js";
import { askThreatfox, enterpriseId, getTaxii, icsId, mobileId } from "../../src/testing/sandbox.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ics17 = realData("attack/ics-attack-17.1.json.gz");
const ics18 = realData("attack/ics-attack-18.1.json.gz");
const enterprise = realData("attack/enterprise-attack-18.1.json.gz");
const mobile = realData("attack/mobile-attack-14.1.json.gz");
const iocs = realData("threatfox/get_iocs.json");
const files = [ics17, ics18, enterprise, mobile, iocs];
const isThere = hasRealData(...files);
const name = nameRealData("the real data", ...files);

describe.skipIf(!isThere)(`with ${name}`, () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({
      attackFiles: [enterprise, ics17, ics18, mobile],
      threatfoxFile: iocs,
      quota: null,
    });
  });
  afterAll(() => sandbox?.close());

  test("serves every Enterprise object in five numbered pages", async () => {
    const ids = new Set<string>();
    let next: string | undefined = "0";
    const sizes: number[] = [];
    while (next !== undefined) {
      const page = await getTaxii(
        sandbox,
        `/api/v21/collections/${enterpriseId}/objects/?limit=5000&next=${next}`,
      );
      sizes.push(page.ids.length);
      for (const id of page.ids) {
        ids.add(id);
      }
      next = page.body.next;
    }
    expect(sizes).toEqual([5000, 5000, 5000, 5000, 4772]);
    expect(ids.size).toBe(24_772);
  });

  test("serves the ICS objects as the bundle has them, whatever the order of their keys", async () => {
    const { objects } = await readStixBundle(ics18);
    const { body } = await getTaxii(sandbox, `/api/v21/collections/${icsId}/objects/`);
    expect(body.objects).toEqual(objects);
  });

  test("keeps two ICS releases apart", async () => {
    const count = async (root: string, id: string) =>
      (await getTaxii(sandbox, `${root}collections/${id}/manifest/`)).ids.length;
    expect(await count("/api/v21/attack-17.1/", icsId)).toBe(1651);
    expect(await count("/api/v21/attack-18.1/", icsId)).toBe(1826);
    expect(await count("/api/v21/", icsId)).toBe(1826);
    expect(await count("/api/v21/attack-14.1/", mobileId)).toBe(2187);
  });

  test("answers get_iocs with all records of 2022, for any number of days", async () => {
    for (const days of [1, 7]) {
      const { query_status, data } = await askThreatfox(sandbox, { query: "get_iocs", days });
      expect(query_status).toBe("ok");
      expect(data).toHaveLength(24);
    }
  });
});

describe.skipIf(!isThere)(`in standard flavor, with ${name}`, () => {
  test("merges two ICS releases into one history", async () => {
    const sandbox = await startSandbox({ attackFiles: [ics18, ics17], flavor: "standard" });
    try {
      const manifest = `/api/v21/collections/${icsId}/manifest/?match[version]=`;
      const all = (await getTaxii(sandbox, `${manifest}all`)).ids;
      const first = (await getTaxii(sandbox, `${manifest}first`)).ids;
      const last = (await getTaxii(sandbox, manifest)).ids;
      // 1,651 of the older release, and of the newer one 413 added and 77 changed.
      expect(all).toHaveLength(1651 + 413 + 77);
      expect(last).toHaveLength(1651 + 413);
      expect(new Set(first)).toEqual(new Set(last));
    } finally {
      await sandbox.close();
    }
  });
});
