import type { Fault } from "./http/inject-faults.js";
import { createTraffic } from "./http/traffic.js";
import type { LoggedRequest } from "./http/upstream-env.js";
import { startTaxii, type TaxiiOptions } from "./start-taxii.js";
import { startThreatfox, type ThreatfoxOptions } from "./start-threatfox.js";
import type { ThreatfoxRecord } from "./threatfox/threatfox-record.js";

export interface SandboxOptions extends TaxiiOptions, ThreatfoxOptions {
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
 * @throws if a file cannot be read or is not of the expected kind, or a port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const traffic = createTraffic(options.onAnswer);
  const taxii = await startTaxii(options, traffic);
  try {
    const threatfox = await startThreatfox(options, traffic);
    return {
      taxiiUrl: taxii.url,
      threatfoxUrl: threatfox.url,
      threatfoxExportUrl: threatfox.exportUrl,
      authKey: threatfox.key,
      publish: threatfox.publish,
      requests: traffic.requests,
      addFault: traffic.faults.add,
      async close() {
        await Promise.all([taxii.close(), threatfox.close()]);
      },
    };
  } catch (error) {
    await taxii.close();
    throw error;
  }
}
