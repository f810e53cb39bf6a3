import type { HttpClient } from "@cti-connectors/core";
import { taxiiSettingNames } from "../config/mitre-taxii-config.js";
import { notUnderstood } from "../taxii/refusals.js";
import { openApiRoot, type TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";
import type { WalkOptions } from "../taxii/walk-pages.js";

type Walk = (options: WalkOptions) => AsyncIterable<TaxiiPage>;

/**
 * An API root that is pinned to one release. Manifests and objects are asked for in all versions, unless the request names some: a release
 * may hold an object in several versions (53 objects of ATT&CK 11.0 and 11.1), and servers send only the last of them unasked. Where the server
 * refuses that filter, it is left out.
 */
export function openPinnedRoot(http: HttpClient, address: string | URL): TaxiiApiRoot {
  const root = openApiRoot(http, address, taxiiSettingNames);
  let isRefused = false;

  async function* walkAllVersions(
    walk: Walk,
    options: WalkOptions = {},
  ): AsyncGenerator<TaxiiPage, void, void> {
    if (isRefused || options.match?.version !== undefined) {
      yield* walk(options);
      return;
    }
    let pages = 0;
    try {
      for await (const page of walk({ ...options, match: { ...options.match, version: "all" } })) {
        pages += 1;
        yield page;
      }
    } catch (error) {
      // A page that is resumed at was asked for with that filter before.
      const isLater = pages > 0 || options.from !== undefined;
      if (isLater || !(error instanceof TaxiiError && notUnderstood(error))) {
        throw error;
      }
      for await (const page of walk(options)) {
        isRefused = true;
        yield page;
      }
    }
  }

  return {
    ...root,
    manifest: (id, options) => walkAllVersions((wanted) => root.manifest(id, wanted), options),
    objects: (id, options) => walkAllVersions((wanted) => root.objects(id, wanted), options),
  };
}
