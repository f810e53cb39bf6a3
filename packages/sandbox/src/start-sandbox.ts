import { randomBytes } from "node:crypto";
import { demoReleases } from "./demo/demo-releases.js";
import { demoThreatfoxRecords } from "./demo/demo-threatfox-records.js";
import { readStixBundle } from "./files/read-stix-bundle.js";
import { readThreatfoxFile } from "./files/read-threatfox-file.js";
import { createFaultQueue, type Fault, injectFaults } from "./http/inject-faults.js";
import { type Listening, listen, type ServerTls } from "./http/listen.js";
import { logRequests } from "./http/log-requests.js";
import type { LoggedRequest } from "./http/upstream-env.js";
import { type StixRelease, toStixRelease } from "./stix/stix-release.js";
import { buildAttackCatalog } from "./taxii/build-attack-catalog.js";
import { buildStandardCatalog } from "./taxii/build-standard-catalog.js";
import { createTaxiiApp } from "./taxii/create-taxii-app.js";
import { enforceQuota, type Quota } from "./taxii/enforce-quota.js";
import type { TaxiiBehavior } from "./taxii/taxii-behavior.js";
import { createThreatfoxApp } from "./threatfox/create-threatfox-app.js";
import { createThreatfoxFeed, newestFirstSeen, type ThreatfoxFeed } from "./threatfox/threatfox-feed.js";
import type { ThreatfoxRecord } from "./threatfox/threatfox-record.js";

export interface SandboxOptions {
  /** STIX 2.1 bundle files, `.gz` too. Absent: the built-in data set. An empty list: no collection. */
  readonly attackFiles?: readonly string[];
  /** A `get_iocs` answer or a list of its records. Absent: the built-in data set, dated relative to now. */
  readonly threatfoxFile?: string;
  /** Records in place of a file. */
  readonly threatfoxRecords?: readonly ThreatfoxRecord[];
  /** `attack`: behaves like the public ATT&CK server, quirks included; `standard`: keeps to TAXII 2.1. Default `attack`. */
  readonly flavor?: "attack" | "standard";
  /** How the TAXII server differs from its flavor. */
  readonly taxii?: TaxiiBehavior;
  /** The TAXII server speaks TLS with this certificate, and with `clientCa` asks clients for one of that authority. Default: plain HTTP. */
  readonly taxiiTls?: ServerTls;
  /** The quota of the TAXII server, per client address. Default 50 per 600 000 ms; `null`: no quota. */
  readonly quota?: Quota | null;
  /** Default 0: any free port. */
  readonly taxiiPort?: number;
  /** Default 0: any free port. */
  readonly threatfoxPort?: number;
  /**
   * The time on ThreatFox's side: what its answers and exports hold depends on it. Default: the time of this
   * machine; for a file, the time at which its newest record was first seen.
   */
  readonly now?: () => Date;
  /** Called for every request before its answer leaves. */
  readonly onAnswer?: (request: LoggedRequest) => void;
}

export interface Sandbox {
  /** The discovery URL, ending in `/taxii2/`. */
  readonly taxiiUrl: string;
  /** Ending in `/api/v1/`. */
  readonly threatfoxUrl: string;
  /** The full JSON export, zipped: `/export/json/full/`. The other exports are beside it. */
  readonly threatfoxExportUrl: string;
  /** The only key that the ThreatFox API accepts. */
  readonly authKey: string;
  /**
   * Adds records to ThreatFox, or changes those with the same id. A record is public from its `first_seen` on,
   * for six months.
   */
  publish(records: readonly ThreatfoxRecord[]): void;
  /** Every request so far, in order. */
  readonly requests: readonly LoggedRequest[];
  /** Faults are used up in the order in which they were added. Call the result to take this one back: it returns how many requests got it. */
  addFault(fault: Fault): () => number;
  close(): Promise<void>;
}

/**
 * Starts both upstreams on 127.0.0.1.
 *
 * @throws where a file cannot be read or is not of the expected kind, or a port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { flavor = "attack", quota = { requests: 50, windowMs: 600_000 } } = options;
  const behavior = options.taxii ?? {};
  const releases = await readReleases(options.attackFiles);
  const roots = flavor === "attack" ? buildAttackCatalog(releases) : buildStandardCatalog(releases);
  const feed = await openFeed(options);
  const authKey = randomBytes(24).toString("hex");

  const requests: LoggedRequest[] = [];
  const faults = createFaultQueue();
  const closing = new AbortController();
  const taxiiApp = createTaxiiApp({ flavor, behavior, roots, sessions: new Map(), closing: closing.signal }, [
    logRequests("taxii", requests, options.onAnswer),
    ...(quota === null ? [] : [enforceQuota(quota, behavior.retryAfter ?? true)]),
    injectFaults("taxii", faults, closing.signal),
  ]);
  const threatfoxApp = createThreatfoxApp({ feed, authKey, closing: closing.signal }, [
    logRequests("threatfox", requests, options.onAnswer),
    injectFaults("threatfox", faults, closing.signal),
  ]);

  const listening: Listening[] = [];
  const close = async () => {
    closing.abort();
    await Promise.all(listening.splice(0).map((server) => server.close()));
  };
  try {
    const taxii = await listen(taxiiApp, options.taxiiPort ?? 0, options.taxiiTls);
    listening.push(taxii);
    const threatfox = await listen(threatfoxApp, options.threatfoxPort ?? 0);
    listening.push(threatfox);
    return {
      taxiiUrl: `${taxii.origin}/taxii2/`,
      threatfoxUrl: `${threatfox.origin}/api/v1/`,
      threatfoxExportUrl: `${threatfox.origin}/export/json/full/`,
      authKey,
      publish: feed.publish,
      requests,
      addFault: faults.add,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openFeed({ threatfoxFile, threatfoxRecords, now }: SandboxOptions): Promise<ThreatfoxFeed> {
  const clock = now && (() => now().getTime());
  if (threatfoxFile !== undefined) {
    const records = await readThreatfoxFile(threatfoxFile);
    // Records of a file may be years old: `days` count back from the newest of them.
    const newest = newestFirstSeen(records);
    return createThreatfoxFeed(records, clock ?? (() => newest));
  }
  const time = clock ?? Date.now;
  return createThreatfoxFeed(threatfoxRecords ?? demoThreatfoxRecords(time()), time);
}

async function readReleases(files: readonly string[] | undefined): Promise<readonly StixRelease[]> {
  if (files === undefined) {
    return demoReleases;
  }
  const releases: StixRelease[] = [];
  for (const file of files) {
    releases.push(toStixRelease(file, await readStixBundle(file)));
  }
  return releases;
}
