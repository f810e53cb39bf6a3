import { randomBytes } from "node:crypto";
import { demoThreatfoxRecords } from "./demo/demo-threatfox-records.js";
import { readThreatfoxFile } from "./files/read-threatfox-file.js";
import { injectFaults } from "./http/inject-faults.js";
import { listen } from "./http/listen.js";
import { logRequests } from "./http/log-requests.js";
import type { LoopbackServer } from "./http/serve-on-loopback.js";
import type { Traffic } from "./http/traffic.js";
import { createThreatfoxApp } from "./threatfox/create-threatfox-app.js";
import { createThreatfoxFeed, newestFirstSeen, type ThreatfoxFeed } from "./threatfox/threatfox-feed.js";
import type { ThreatfoxRecord } from "./threatfox/threatfox-record.js";

export interface ThreatfoxOptions {
  /** A `get_iocs` answer or a list of its records. Absent: the built-in data set, dated relative to now. */
  readonly threatfoxFile?: string;
  /** Records in place of a file. */
  readonly threatfoxRecords?: readonly ThreatfoxRecord[];
  /** Default 0: any free port. */
  readonly threatfoxPort?: number;
  /**
   * The time on ThreatFox's side: what its answers and exports hold depends on it. Default: the time of this
   * machine; for a file, the time at which its newest record was first seen.
   */
  readonly now?: () => Date;
}

export interface Threatfox extends LoopbackServer {
  /** The full JSON export that needs no key. */
  readonly exportUrl: string;
  /** The only one that the API accepts. */
  readonly key: string;
  publish(records: readonly ThreatfoxRecord[]): void;
}

/**
 * Starts the ThreatFox API on 127.0.0.1, with the exports beside it.
 *
 * @returns its `url` ends in `/api/v1/`
 * @throws where the file cannot be read or is not of the expected kind, or the port is taken
 */
export async function startThreatfox(options: ThreatfoxOptions, traffic: Traffic): Promise<Threatfox> {
  const feed = await openFeed(options);
  const key = randomBytes(24).toString("hex");
  const closing = new AbortController();
  const app = createThreatfoxApp({ feed, authKey: key, closing: closing.signal }, [
    logRequests("threatfox", traffic.requests, traffic.onAnswer),
    injectFaults("threatfox", traffic.faults, closing.signal),
  ]);
  const server = await listen(app, options.threatfoxPort ?? 0);
  return {
    url: `${server.origin}/api/v1/`,
    exportUrl: `${server.origin}/export/json/full/`,
    key,
    publish: feed.publish,
    close() {
      closing.abort();
      return server.close();
    },
  };
}

async function openFeed({ threatfoxFile, threatfoxRecords, now }: ThreatfoxOptions): Promise<ThreatfoxFeed> {
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
