import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, type SandboxOptions, startSandbox } from "@cti-connectors/sandbox";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  contentsOf,
  contentsWithoutRoots,
  copyInto,
  moveCheckpoints,
  moveRoots,
} from "../../src/testing/database.js";
import { load } from "../../src/testing/pipeline.js";
import { type BundleFolder, createBundleFolder, wordedRelease } from "../../src/testing/write-bundle.js";

// Dozens of runs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

describeOnEmbedded("a database", (openDatabase) => {
  const [early, late] = ["2024-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"];
  const first = "x-mitre-collection--1";
  const second = "x-mitre-collection--2";
  const bundleOf = (collectionId: string, version: string, tools: Readonly<Record<string, string>>) =>
    wordedRelease({ collectionId, version, at: version === "1.0" ? early : late, tools });
  /** `a` goes, `b` changes, `f` is new. */
  const before = {
    "one-1": bundleOf(first, "1.0", { a: early, b: early, c: early, d: early, e: early }),
    "two-1": bundleOf(second, "1.0", { a: early, b: early, c: early }),
  };
  const after = {
    "one-2": bundleOf(first, "2.0", { b: late, c: early, d: early, e: early, f: late }),
    "two-2": bundleOf(second, "2.0", { a: early, b: early, c: late }),
  };

  interface Behavior {
    readonly taxii?: NonNullable<SandboxOptions["taxii"]>;
    /** Faults of the disturbed run only. */
    readonly faults?: (sandbox: Sandbox) => () => number;
    readonly retries?: number;
  }
  const refused = (status: number) => ({ kind: "status", status, body: "{}" }) as const;
  const behaviors = {
    "one token for all pages": { taxii: { oneToken: true, maxPageSize: 2 } },
    "tokens that expire": { taxii: { tokenLifeMs: 10_000 } },
    "no tokens": { taxii: { omitNext: true } },
    "404 where nothing matches": { taxii: { emptyAnswer: "not-found" } },
    "dead roots": { taxii: { deadRoots: ["/api/v21/attack-1.5-beta/", "/api/v21/attack-9.0/"] } },
    "short URLs only": { taxii: { maxUrlLength: 150 } },
    "a maximum of limit": { taxii: { maxLimit: 2 } },
    "no manifest": { taxii: { noManifest: 405 } },
    "the last version only": { taxii: { onlyLastVersion: true } },
    "a gateway's 503": { faults: faultAt("/objects/?", 1, { kind: "html", status: 503 }) },
    "a page that is not known": { faults: faultAt("next=", 1, refused(400)) },
    "a login page": { faults: faultAt("/collections/", 3, { kind: "html", status: 200 }) },
    "a quota": { faults: faultAt("/collections/", 4, refused(429)) },
    "answers that are cut": { retries: 1, faults: faultAt("next=", 1, { kind: "truncate" }) },
    "no answer": { retries: 1, faults: faultAt("/objects/?", 1, { kind: "disconnect" }) },
    "pages that end early": { faults: faultAt("/objects/?limit", 1, refused(404)) },
    "collections without end": { faults: faultAt("/api/v21/collections/", 0, { ...refused(200) }) },
  } satisfies Readonly<Record<string, Behavior>>;
  type Name = keyof typeof behaviors;

  type Answer = Parameters<Sandbox["addFault"]>[0]["answer"];
  function faultAt(path: string, skip: number, answer: Answer): (sandbox: Sandbox) => () => number {
    return (sandbox) => sandbox.addFault({ upstream: "taxii", path, skip, answer });
  }

  const pairs: readonly (readonly ["standard" | "attack", "latest" | "all", Name, Name])[] = [
    ["standard", "latest", "one token for all pages", "tokens that expire"],
    ["standard", "latest", "one token for all pages", "answers that are cut"],
    ["standard", "latest", "tokens that expire", "the last version only"],
    ["standard", "latest", "no tokens", "a maximum of limit"],
    ["standard", "latest", "404 where nothing matches", "a gateway's 503"],
    ["standard", "latest", "no manifest", "no answer"],
    ["attack", "latest", "a maximum of limit", "pages that end early"],
    ["attack", "latest", "short URLs only", "a page that is not known"],
    ["attack", "latest", "a login page", "collections without end"],
    ["attack", "all", "no manifest", "a maximum of limit"],
    ["attack", "all", "dead roots", "a quota"],
    ["attack", "all", "the last version only", "pages that end early"],
    ["attack", "all", "answers that are cut", "a page that is not known"],
  ];

  let bundles: BundleFolder;
  const files = new Map<string, string>();
  beforeAll(async () => {
    bundles = await createBundleFolder();
    for (const [name, objects] of Object.entries({ ...before, ...after })) {
      files.set(name, await bundles.write(name, objects));
    }
  });
  afterAll(() => bundles.remove());
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T00:00:00Z") });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function start(flavor: "standard" | "attack", bundles: object, taxii: Behavior["taxii"]): Promise<Sandbox> {
    const attackFiles = Object.keys(bundles).map((name) => files.get(name) ?? "");
    return startSandbox({ flavor, quota: null, attackFiles, ...(taxii && { taxii }) });
  }

  describe.each(pairs)("a %s server (%s) with %s and %s", (flavor, releases, one, other) => {
    const both: readonly Behavior[] = [behaviors[one], behaviors[other]];
    const taxii = Object.assign({}, ...both.map((behavior) => behavior.taxii));
    const runOn = ({ taxiiUrl }: Sandbox, database: Store, more: object = {}) =>
      load(database, {
        env: { MITRE_TAXII_URL: taxiiUrl, MITRE_PAGE_SIZE: "3", MITRE_RELEASES: releases },
        ...more,
      });

    const copyOf = async (store: Store) => copyInto(await openDatabase(), store);

    /** Interrupts runs at some of their pages, and lets another one follow a minute later. */
    async function disturb(sandbox: Sandbox, stored: Store): Promise<void> {
      const undisturbed = await copyOf(stored);
      const { pages } = await runOn(sandbox, undisturbed);
      for (const share of [0.2, 0.4, 0.6, 0.8, 2]) {
        const stopAfterPages = Math.ceil(pages * share);
        const stop = stopAfterPages % 2 === 0 ? "crash" : "interrupt";
        const database = await copyOf(stored);
        const faults = both.map((behavior) => behavior.faults?.(sandbox));
        const retries = Math.max(...both.map((behavior) => behavior.retries ?? 0));
        await runOn(sandbox, database, { stopAfterPages, stop, http: { retries, maxRetryWaitMs: 1 } }).catch(
          () => undefined,
        );
        for (const takeBack of faults) {
          takeBack?.();
        }
        vi.setSystemTime(Date.now() + 60_000);
        await runOn(sandbox, database);
        expect(
          await contentsWithoutRoots(database),
          `stopped after page ${stopAfterPages} of ${pages}`,
        ).toEqual(await contentsWithoutRoots(undisturbed));
      }
    }

    test("is loaded exactly by the run after one that was disturbed anywhere", async () => {
      const sandbox = await start(flavor, before, taxii);
      const isCumulative = flavor === "standard" || releases === "all";
      const next = await start(flavor, isCumulative ? { ...before, ...after } : after, taxii);
      try {
        await disturb(sandbox, await openDatabase());
        const stored = await openDatabase();
        await runOn(sandbox, stored);
        expect(Object.keys((await contentsOf(stored)).objects ?? {})).toHaveLength(10);
        vi.setSystemTime(Date.now() + 60_000);
        await moveCheckpoints(stored, sandbox, next);
        await moveRoots(stored, sandbox, next);
        await disturb(next, stored);
      } finally {
        await sandbox.close();
        await next.close();
      }
    });
  });
});
