import type { DemoDomain, DemoObject } from "./demo-domain.js";
import { icsDomain } from "./ics-domain.js";

/** What these objects were in ICS ATT&CK 17.1. */
const earlier = new Map<string, Pick<DemoObject, "modified" | "version">>([
  ["A0006", { modified: "2023-10-04T17:57:56.558Z", version: "1.0" }],
  ["DC0002", { modified: "2025-04-18T15:09:42.067Z", version: "1.2" }],
  ["T0850", { modified: "2025-04-25T15:16:45.157Z", version: "1.0" }],
]);

const newIn18 = "A0015";

/**
 * The release before: three objects are older, one asset and what targets it is not there yet, and one
 * relationship is there that the next release dropped.
 */
export const earlierIcsDomain: DemoDomain = {
  ...icsDomain,
  release: "17.1",
  collection: { ...icsDomain.collection, modified: "2025-05-06T14:00:00.188Z" },
  objects: icsDomain.objects
    .filter(({ attackId }) => attackId !== newIn18)
    .map((object) => ({ ...object, ...earlier.get(object.attackId) })),
  relationships: [
    ...icsDomain.relationships.filter(({ source, target }) => source !== newIn18 && target !== newIn18),
    {
      uuid: "0278ddbc-67d5-444d-8082-bf9974dee920",
      source: "DC0002",
      type: "detects",
      target: "T0859",
      created: "2022-05-11T16:22:58.808Z",
      modified: "2025-04-16T23:00:51.476Z",
    },
  ],
};
