import type { RequestQuota } from "./request-budget.js";

/** Settings of every request that one connector sends. */
export interface HttpSettings {
  /** Sent with every request to `origin`, and to no other. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The quota of the upstream; absent: unlimited. */
  readonly quota?: RequestQuota;
  /** Per attempt, body included. Default 30 000. */
  readonly timeoutMs?: number;
  /** How often a failed request is tried again. Default 4. */
  readonly retries?: number;
}

export interface HttpRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
}

export interface HttpResponse {
  readonly url: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface HttpClient {
  /**
   * Sends a request and reads the whole answer.
   *
   * @throws HttpStatusError where the last attempt's answer is not 2xx
   * @throws HttpConnectionError where no answer came (refused, no such host, timed out, cut off)
   * @throws the signal's reason where the run was interrupted while it waited
   */
  request(url: string | URL, request?: HttpRequest): Promise<HttpResponse>;
}
