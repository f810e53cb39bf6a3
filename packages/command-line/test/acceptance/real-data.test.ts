import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { expectListed, unlike } from "../../src/testing/expect-listed.js";
import { finish, inDatabase, startRun } from "../../src/testing/run-process.js";
import { startSandboxProcess } from "../../src/testing/sandbox-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { threeDomains } from "../../src/testing/upstream-data.js";

const timeoutMs = 600_000;
const quota = { requests: 50, argument: "50/600" };

test(`one run loads everything of ${threeDomains.name} inside the quota, and the next one writes nothing`, {
  timeout: timeoutMs,
}, async () => {
  const target = { folder: temporaryFolder() };
  const sandbox = await startSandboxProcess(threeDomains, { ...target, quota: quota.argument, timeoutMs });

  const first = await finish(startRun(sandbox, target, { timeoutMs }));
  const second = await finish(startRun(sandbox, target, { timeoutMs }));
  const asked = first.mitre.requests + second.mitre.requests;
  const { collections, iocs } = await threeDomains.read(sandbox);
  const answers = await sandbox.stop();

  for (const { mitre } of [first, second]) {
    expect(mitre.requests).toBeLessThanOrEqual(20);
    expect(mitre.throttled).toBe(0);
  }
  expect(answers.length).toBeLessThanOrEqual(quota.requests);
  expect(answers.length).toBeGreaterThanOrEqual(asked);
  expect(new Set(answers)).toEqual(new Set([200]));

  const objects = [...collections.values()].flat().length;
  expect(objects).toBe(threeDomains.objects ?? objects);
  const counts = {
    collections: 1,
    manifest: objects,
    objects,
    versions: objects,
    iocs: iocs.length,
  };
  for (const [name, count] of Object.entries(counts)) {
    const step = { name, extracted: count, updated: 0, superseded: 0, withdrawn: 0, rejected: 0 };
    expect(first.steps.get(name)).toEqual({ ...step, inserted: count });
    // ThreatFox is asked for what came since the first run.
    const again = { collections: count, iocs: expect.any(Number) }[name] ?? 0;
    expect(second.steps.get(name)).toEqual({ ...step, inserted: 0, extracted: again });
  }
  expect(second.mitre.requests).toBeLessThanOrEqual(4);
  expect(second.written).toBe(0);

  await inDatabase(target, async (database) => {
    await expectListed(database, collections);

    const records = new Map(iocs.map((record) => [record.id, record]));
    expect(
      await unlike(database, "threatfox_raw", records, ({ data }, record) => isDeepStrictEqual(data, record)),
    ).toEqual([]);

    const listed = await database.collection("collections").find().toArray();
    expect(listed.map(({ data }) => idsIn(data))).toEqual([new Set(collections.keys())]);

    for (const name of ["collections", "manifest", "objects", "versions", "threatfox_raw"]) {
      const ofFirst = { run_id: first.report.runId, removed_at: null };
      expect(await database.collection(name).countDocuments({ $nor: [ofFirst] }), name).toBe(0);
    }
    expect(await database.collection("etl_rejected").countDocuments()).toBe(0);
  });
});

function idsIn(data: unknown): ReadonlySet<unknown> {
  return new Set(Array.isArray(data) ? data.map(({ id }) => id) : []);
}
