import { type ApiRootInformation, type Discovery, discover } from "./discovery.js";
import { openApiRoot, type TaxiiApiRoot } from "./taxii-api-root.js";
import type { TaxiiConnection } from "./taxii-connection.js";

export interface TaxiiClientOptions extends TaxiiConnection {
  /** The discovery URL or an API root, with or without a slash at its end. */
  readonly url: string | URL;
}

export interface TaxiiClient {
  /** Requests the URL: the discovery resource or an API root. One request. */
  discover(): Promise<Discovery | ApiRootInformation>;
  /** The API root that the URL is, or that its discovery resource names as the default. One request. */
  defaultRoot(): Promise<TaxiiApiRoot>;
  /** An API root by URL or path, e.g. `/api/v21/attack-17.1`. No request. */
  root(address: string | URL): TaxiiApiRoot;
}

/** A client of a TAXII 2.1 server (OASIS standard, June 2021) that also works with the public ATT&CK server. */
export function createTaxiiClient({ http, url, settingNames }: TaxiiClientOptions): TaxiiClient {
  const connection = { http, settingNames };
  return {
    discover: () => discover(connection, url),
    async defaultRoot() {
      const found = await discover(connection, url);
      return openApiRoot(http, found.kind === "discovery" ? found.defaultRoot : found.url, settingNames);
    },
    root: (address) => openApiRoot(http, new URL(address, url), settingNames),
  };
}
