import {
  collectionSetting,
  defineConnector,
  fileOrUrlSetting,
  hideUrlSecrets,
  isUrl,
  readSourceOption,
} from "@cti-connectors/core";
import { z } from "zod";
import { demo } from "./demo.js";
import { catalogueUrl, fetchCatalogue, readCatalogueFile } from "./fetch-catalogue.js";
import { findCveId, toDocument, vulnerability } from "./vulnerability.js";

/** Loads CISA's catalogue of known exploited vulnerabilities. */
export const cisaKev = defineConnector({
  name: "cisa-kev",
  summary: "CISA's catalogue of known exploited vulnerabilities",
  config: z.object({
    KEV_URL: fileOrUrlSetting()
      .default(catalogueUrl)
      .describe("Address of the catalogue, or a file that holds it"),
    KEV_COLLECTION: collectionSetting().default("kev").describe("The collection to load into"),
  }),
  options: {
    catalogue: {
      value: "<source>",
      summary: "load the catalogue from this file or URL",
      apply: (config, value, context) => ({ ...config, KEV_URL: readSourceOption(String(value), context) }),
    },
  },
  http: ({ KEV_URL }) => ({
    ...(isUrl(KEV_URL) && { origin: new URL(KEV_URL).origin }),
    urlSetting: "KEV_URL",
  }),
  demo,
  steps: ({ step }) => [
    step({
      name: "vulnerabilities",
      summary: "the catalogue, if it has changed",
      collection: { setting: "KEV_COLLECTION" },
      // CISA changes entries without notice, above all when ransomware begins to use a vulnerability.
      keepsHistory: true,
      indexes: [
        { "enriched.added_at": 1 },
        { "enriched.due_at": 1 },
        { "enriched.vendor": 1, "enriched.product": 1 },
        { "enriched.cwes": 1 },
        { "enriched.ransomware": 1, "enriched.added_at": 1 },
      ],
      record: vulnerability,
      // The stored catalogue, its source and its collection.
      checkpoint: z.object({
        url: z.string(),
        collection: z.string(),
        version: z.string(),
        etag: z.string().exactOptional(),
        lastModified: z.string().exactOptional(),
      }),
      async *extract({ config: { KEV_URL, KEV_COLLECTION }, http, store, checkpoint, log }) {
        const url = isUrl(KEV_URL) ? hideUrlSecrets(KEV_URL) : KEV_URL;
        const place = { url, collection: KEV_COLLECTION };
        const isStored =
          checkpoint?.url === place.url &&
          checkpoint.collection === place.collection &&
          (await store.exists(KEV_COLLECTION, {}));
        const known = isStored ? checkpoint : undefined;
        const conditions = { ifNoneMatch: known?.etag, ifModifiedSince: known?.lastModified };
        const answer = isUrl(KEV_URL)
          ? await fetchCatalogue(http, KEV_URL, conditions)
          : await readCatalogueFile(KEV_URL);
        if (answer.notModified) {
          return;
        }
        const { catalogVersion, dateReleased, vulnerabilities: records } = answer.body;
        // Releases of one day share their catalogVersion.
        const next = { ...place, version: `${catalogVersion} of ${dateReleased}`, ...answer.validators };
        if (next.version === known?.version) {
          yield { checkpointOnly: next };
          return;
        }
        const ids = records.flatMap((record) => findCveId(record) ?? []);
        const unreadable = records.length - ids.length;
        if (unreadable > 0) {
          log.warn({ unreadable }, "some entries have no CVE id and could be any CVE: nothing is withdrawn");
        }
        yield { records, total: records.length, ...(unreadable === 0 && { lists: ids, checkpoint: next }) };
      },
      transform: toDocument,
      // The catalogue is loaded only where it has changed.
      restore: { version: 1, record: ({ data }) => data },
    }),
  ],
});
