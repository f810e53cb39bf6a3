import { affectsEverything } from "@cti-connectors/core";

/** What one step could not load, while it goes on with the rest. */
export interface FailedMembers {
  readonly signal: AbortSignal;
  /** The names of all of them, for the report. The step does not fail for one that has no error. */
  readonly names: Set<string>;
  readonly errors: unknown[];
}

export function noFailedMembers(signal: AbortSignal): FailedMembers {
  return { signal, names: new Set(), errors: [] };
}

/**
 * Passes on the pages of one member. What it throws is kept for the end where the others can be loaded all the same.
 *
 * @throws what would meet the others, too, and anything once the run is interrupted
 */
export async function* attempt<Page>(
  { signal, names, errors }: FailedMembers,
  name: string,
  load: AsyncGenerator<Page, void, void>,
): AsyncGenerator<Page, void, void> {
  try {
    yield* load;
  } catch (error) {
    if (signal.aborted || affectsEverything(error)) {
      throw error;
    }
    names.add(name);
    errors.push(error);
  }
}

/** The page that reports what is missing; then throws, where something failed. */
export async function* reportFailed({
  signal,
  names,
  errors,
}: FailedMembers): AsyncGenerator<
  { readonly records: readonly []; readonly missing: readonly string[] },
  void
> {
  if (signal.aborted) {
    return;
  }
  if (names.size > 0) {
    yield { records: [], missing: [...names] };
  }
  if (errors.length > 1) {
    throw new AggregateError(errors, "");
  }
  if (errors.length === 1) {
    throw errors[0];
  }
}
