import type { ConfiguredConnector, RunEvent } from "@cti-connectors/core/host";

type ConfiguredStep = ConfiguredConnector["steps"][number];

export interface FollowedPages {
  /** The connector, watched. */
  readonly connector: ConfiguredConnector;
  /** For each collection the `_id`s of the last loaded page that brought documents for it, new or not. */
  readonly lastIds: ReadonlyMap<string, ReadonlySet<string>>;
  /** Takes the events of the run. */
  follow(event: RunEvent): void;
}

/** Notes which documents a run brings last. */
export function followPages(connector: ConfiguredConnector): FollowedPages {
  const lastIds = new Map<string, ReadonlySet<string>>();
  let page = new Map<string, Set<string>>();

  const watched = (step: ConfiguredStep): ConfiguredStep => ({
    ...step,
    process(raw) {
      const documents = step.process(raw);
      for (const { collection, _id } of documents) {
        page.set(collection, (page.get(collection) ?? new Set()).add(_id));
      }
      return documents;
    },
  });
  return {
    connector: { ...connector, steps: connector.steps.map(watched) },
    lastIds,
    follow({ type }) {
      if (type === "page-loaded") {
        for (const [collection, ids] of page) {
          lastIds.set(collection, ids);
        }
      }
      // What a page that failed has brought is not stored.
      if (type === "page-loaded" || type === "step-started") {
        page = new Map();
      }
    },
  };
}
