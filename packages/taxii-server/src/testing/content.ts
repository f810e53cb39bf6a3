import type { MemoryApiRoot } from "../memory/create-memory-source.js";

export const collectionId = "11111111-1111-4111-8111-111111111111";
export const unreadableId = "22222222-2222-4222-8222-222222222222";
export const malware = "malware--00000000-0000-4000-8000-00000000000a";
export const tool = "tool--00000000-0000-4000-8000-00000000000b";
export const observable = "ipv4-addr--00000000-0000-4000-8000-00000000000c";

const stixObject = (id: string, rest: object = {}) => ({
  type: id.split("--")[0],
  spec_version: "2.1",
  id,
  ...rest,
});

const dated = (created: string, modified = created) => ({
  created: `${created}T00:00:00.000Z`,
  modified: `${modified}T00:00:00.000Z`,
});

/** Two bundles: the malware is modified in between, and the address has no dates. */
export const root: MemoryApiRoot = {
  path: "/api/",
  title: "Some content",
  description: "For tests",
  collections: [
    {
      id: collectionId,
      alias: "indicators",
      title: "Indicators",
      bundles: [
        {
          addedAt: "2026-01-01T00:00:00Z",
          objects: [
            stixObject(malware, { ...dated("2025-01-01"), name: "first" }),
            stixObject(tool, { ...dated("2025-02-01"), spec_version: "2.0" }),
          ],
        },
        {
          addedAt: "2026-02-01T00:00:00Z",
          objects: [
            stixObject(tool, { ...dated("2025-02-01"), spec_version: "2.0" }),
            stixObject(malware, { ...dated("2025-01-01", "2026-01-15"), name: "zweite – ünï" }),
            stixObject(observable, { value: "192.0.2.1" }),
          ],
        },
      ],
    },
    { id: unreadableId, title: "Closed", canRead: false, bundles: [] },
  ],
};

/** Below the path of the other. */
export const secondRoot: MemoryApiRoot = { path: "/api/second/", title: "Second", collections: [] };
