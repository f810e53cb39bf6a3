import { demoReleases } from "./demo/demo-releases.js";
import { readStixBundle } from "./files/read-stix-bundle.js";
import { injectFaults } from "./http/inject-faults.js";
import { listen, type ServerTls } from "./http/listen.js";
import { logRequests } from "./http/log-requests.js";
import type { LoopbackServer } from "./http/serve-on-loopback.js";
import type { Traffic } from "./http/traffic.js";
import { type StixRelease, toStixRelease } from "./stix/stix-release.js";
import { createTaxiiUpstream } from "./taxii/create-taxii-upstream.js";
import { enforceQuota, type Quota } from "./taxii/enforce-quota.js";
import type { TaxiiBehavior } from "./taxii/taxii-behavior.js";

export interface TaxiiOptions {
  /** STIX 2.1 bundle files, `.gz` too. Absent: the built-in data set. An empty list: no collection. */
  readonly attackFiles?: readonly string[];
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
}

/**
 * Starts a TAXII 2.1 server on 127.0.0.1.
 *
 * @returns its `url` is the discovery URL, ending in `/taxii2/`
 * @throws where a file cannot be read or is not of the expected kind, or the port is taken
 */
export async function startTaxii(options: TaxiiOptions, traffic: Traffic): Promise<LoopbackServer> {
  const { flavor = "attack", quota = { requests: 50, windowMs: 600_000 } } = options;
  const behavior = options.taxii ?? {};
  const releases = await readReleases(options.attackFiles);
  const closing = new AbortController();
  const app = createTaxiiUpstream({ flavor, behavior, releases, closing: closing.signal }, [
    logRequests("taxii", traffic.requests, traffic.onAnswer),
    ...(quota === null ? [] : [enforceQuota(quota, behavior.retryAfter ?? true)]),
    injectFaults("taxii", traffic.faults, closing.signal),
  ]);
  const server = await listen(app, options.taxiiPort ?? 0, options.taxiiTls);
  return {
    url: `${server.origin}/taxii2/`,
    close() {
      closing.abort();
      return server.close();
    },
  };
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
