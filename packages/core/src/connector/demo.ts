/** An upstream on loopback that a demo runs against. */
export interface DemoUpstream {
  /** Its address, ending in `/`. */
  readonly url: string;
  /** The key that it accepts, where it wants one: made up for this demo. */
  readonly key: string;
}

/** Something that a demo asks the database, and shows with its answer. */
export interface DemoQuestion {
  /** What is asked, in words. */
  readonly question: string;
  /** The step whose collection is asked. */
  readonly step: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  /** Default 10. */
  readonly limit?: number;
  /** Heading → path of a field, such as `{ name: "enriched.name" }`. */
  readonly columns: Readonly<Record<string, string>>;
}

interface DemoScript {
  /** The settings that lead the connector to the upstream, by environment variable. All others have their defaults. */
  settings(upstream: DemoUpstream): Readonly<Record<string, string>>;
  /** What people load this for. Default: nothing is asked. */
  readonly questions?: readonly DemoQuestion[];
}

/** A demo that brings its upstream: whoever runs the demo serves it on loopback. */
export interface AnsweredDemo extends DemoScript {
  /** Answers as the upstream would, from data that the package holds. */
  answer(request: Request): Response | Promise<Response>;
}

/** A demo against an upstream that `@cti-connectors/sandbox` simulates. */
export interface SimulatedDemo extends DemoScript {
  /** Its name there. */
  readonly simulator: string;
}

/** How a connector is shown without network. */
export type Demo = AnsweredDemo | SimulatedDemo;
