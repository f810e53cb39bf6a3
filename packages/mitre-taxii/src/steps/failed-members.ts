import { affectsEverything, type ExtractedPage } from "@cti-connectors/core";

/** What one step could not load, while it goes on with the rest. */
export interface FailedMembers {
  /** Names of all of them, for the report. */
  readonly names: readonly string[];
  /** Notes that one is missing, but that the step does not fail for it. */
  note(name: string): void;
  /** Notes that one failed, so that the step fails at its end. */
  add(name: string, error: unknown): void;
  /**
   * Passes on the pages of one member. What it throws is kept for the end where the others can be loaded all the same.
   *
   * @returns undefined where it failed
   * @throws what would meet the others, too, and anything once the run is interrupted
   */
  attempt<Page, Result>(
    name: string,
    load: AsyncGenerator<Page, Result, void>,
  ): AsyncGenerator<Page, Result | undefined, void>;
  /** The page that reports what is missing; then throws, where something failed. */
  finish(): AsyncGenerator<Pick<ExtractedPage<never>, "records" | "missing">, void>;
}

export function createFailedMembers(signal: AbortSignal): FailedMembers {
  const names = new Set<string>();
  const errors: unknown[] = [];

  function add(name: string, error: unknown): void {
    names.add(name);
    errors.push(error);
  }

  return {
    get names() {
      return [...names];
    },
    note: (name) => names.add(name),
    add,
    async *attempt(name, load) {
      try {
        return yield* load;
      } catch (error) {
        if (signal.aborted || affectsEverything(error)) {
          throw error;
        }
        add(name, error);
        return undefined;
      }
    },
    async *finish() {
      if (signal.aborted) {
        return;
      }
      if (names.size > 0) {
        yield { records: [], missing: [...names] };
      }
      const [first, ...others] = errors;
      if (others.length > 0) {
        throw new AggregateError(errors, "");
      }
      if (first !== undefined) {
        throw first;
      }
    },
  };
}
