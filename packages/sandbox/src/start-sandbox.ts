import type { Fault } from "./fault.js";

export interface SandboxOptions {
  /** STIX 2.1 bundle files, `.gz` too. Absent: the built-in data set. An empty list: no collection. */
  readonly attackFiles?: readonly string[];
  /** A `get_iocs` answer or a list of its records. Absent: the built-in data set, dated relative to now. */
  readonly threatfoxFile?: string;
  /** `attack`: behaves like the public ATT&CK server, quirks included; `standard`: keeps to TAXII 2.1. Default `attack`. */
  readonly flavor?: "attack" | "standard";
  /** Of the TAXII server, per client address. Default 50 per 600 000 ms; `null`: none. */
  readonly quota?: { readonly requests: number; readonly windowMs: number } | null;
  /** Default 0: any free port. */
  readonly taxiiPort?: number;
  /** Default 0: any free port. */
  readonly threatfoxPort?: number;
}

export interface LoggedRequest {
  readonly upstream: "taxii" | "threatfox";
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a ThreatFox request. */
  readonly body?: string;
  readonly status: number;
}

export interface Sandbox {
  /** The discovery URL, ending in `/taxii2/`. */
  readonly taxiiUrl: string;
  /** Ending in `/api/v1/`. */
  readonly threatfoxUrl: string;
  /** The only key that the ThreatFox API accepts. */
  readonly authKey: string;
  /** Every request so far, in order. */
  readonly requests: readonly LoggedRequest[];
  /** Faults are used up in the order in which they were added. */
  addFault(fault: Fault): void;
  close(): Promise<void>;
}

/** Starts both upstreams on 127.0.0.1. */
export async function startSandbox(_options: SandboxOptions = {}): Promise<Sandbox> {
  throw new Error("under construction");
}
