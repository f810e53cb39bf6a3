import type { JsonObject } from "@cti-connectors/core";
import type { Connector, Store } from "@cti-connectors/core/host";

/** The connector that a suite tests, and its upstream. */
export interface ConformanceSubject<Sent extends JsonObject = JsonObject> {
  readonly connector: Connector;
  readonly upstream: SubjectUpstream<Sent>;
  /** How many records the upstream has. Enough for several pages, few enough that a run is quick. Default 12. */
  readonly records?: number;
  /** How many pages with records a run takes at least: the more, the more the suite can prove. Default 1. */
  readonly pages?: number;
  /** False where the upstream does not say everything that it has, so that nothing is ever withdrawn. Default true. */
  readonly lists?: boolean;
  /** True where one answer brings all pages, so that a resumed run sends as many requests as a whole one. Default false. */
  readonly answersAtOnce?: boolean;
}

/**
 * How the suite plays the connector's upstream.
 *
 * @typeParam Sent what `record` returns; inferred
 */
export interface SubjectUpstream<Sent extends JsonObject = JsonObject> {
  /** Answers as the upstream does when it has exactly these records. The suite serves this function on loopback. */
  answer(request: Request, records: readonly JsonObject[]): Response | Promise<Response>;
  /**
   * The settings that lead the connector to the suite's server, by environment variable. Use `key` for its secret setting. Set a small page
   * size, so that a run has several pages.
   *
   * @param upstream its `url` ends in `/`
   */
  settings(upstream: { readonly url: string; readonly key: string }): Readonly<Record<string, string>>;
  /** Pure. The n-th valid record as the upstream sends it, n from 0; each makes a document of its own. */
  record(n: number): Sent;
  /** Pure. The same record, with the same id, after the upstream has changed it. */
  change(record: NoInfer<Sent>): JsonObject;
  /** Pure. The same record, with the same id, but so broken that it cannot be understood: it must go to quarantine. */
  invalid(record: NoInfer<Sent>): JsonObject;
  /**
   * For a connector that sends no request, but reads what other connectors have loaded: stores these records, and marks others as withdrawn,
   * before a run. Absent: the connector asks its upstream.
   */
  store?(database: Store, records: readonly JsonObject[]): Promise<void>;
  /** The value that the suite uses as `key`. Default: one with characters that have to be escaped in URLs, JSON and HTML. */
  readonly key?: string;
}

export const defaultRecords = 12;
