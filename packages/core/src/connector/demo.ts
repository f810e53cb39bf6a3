/** An upstream on loopback that a demo runs against. */
export interface DemoUpstream {
  /** Its address, ending in `/`. */
  readonly url: string;
  /** The only key that it accepts, if it wants one. Made up for the demo. */
  readonly key: string;
}

/** A query that a demo sends to the database and shows with its result. */
export interface DemoQuestion {
  /** The question in words. */
  readonly question: string;
  /** The step whose collection is queried. */
  readonly step: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  /** The maximum number of rows. Default 10. */
  readonly limit?: number;
  /** Column heading → path of a field, such as `{ name: "enriched.name" }`. */
  readonly columns: Readonly<Record<string, string>>;
}

interface DemoScript {
  /** The settings that point the connector to the upstream, by environment variable. All others keep their defaults. */
  settings(upstream: DemoUpstream): Readonly<Record<string, string>>;
  /** What people use the data for. Default: none. */
  readonly questions?: readonly DemoQuestion[];
}

/** A demo with its own upstream, which is served on loopback. */
export interface AnsweredDemo extends DemoScript {
  /** Answers like the upstream, from invented data in the package. */
  answer(request: Request): Response | Promise<Response>;
}

/** A demo against an upstream that `@cti-connectors/sandbox` simulates. */
export interface SimulatedDemo extends DemoScript {
  /** The name of the simulator, such as `threatfox`. */
  readonly simulator: string;
}

/** How to run a connector without network access. */
export type Demo = AnsweredDemo | SimulatedDemo;
