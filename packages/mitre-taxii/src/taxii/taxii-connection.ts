import type { HttpClient } from "@cti-connectors/core";

/** The names of settings in error messages. */
export interface TaxiiSettingNames {
  readonly url: string;
  readonly credentials: string;
  readonly clientCertificate: string;
  readonly requestBudget: string;
  /** The setting that turns the request budget off, with its value. */
  readonly noRequestBudget: string;
  readonly pageSize: string;
  readonly maxPages: string;
}

/** How to reach a server. */
export interface TaxiiConnection {
  /** Sends the requests: retries, waits for the quota, adds credentials. */
  readonly http: HttpClient;
  /** Default: the options of the clients. */
  readonly settingNames?: TaxiiSettingNames | undefined;
}

export const clientOptions: TaxiiSettingNames = {
  url: "`url`",
  credentials: "`headers` of the HTTP client",
  clientCertificate: "`tls` of the HTTP client",
  requestBudget: "`budget` of the HTTP client",
  noRequestBudget: "no `budget` of the HTTP client",
  pageSize: "`limit`",
  maxPages: "`maxPages`",
};
