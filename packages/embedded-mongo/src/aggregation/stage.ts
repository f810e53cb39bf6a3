import type { RawValue } from "../bson/raw-value.js";
import type { ExpressionContext, Variable } from "../expressions/expression.js";
import type { Query } from "../records/find-records.js";
import { mapItems, PAUSE, type Pause, pauseClock } from "../records/pause.js";

/** The bytes of documents, with pauses. */
export type Documents = Iterable<Buffer | Pause>;

/** A compiled stage of a pipeline, which produces documents on demand. `variables` are for its expressions. */
export type Stage = (documents: Documents, variables: Variable | undefined) => Documents;

/** What all stages of a pipeline share. */
export interface StageContext {
  readonly expressions: ExpressionContext;
  /** The documents of another collection; none if it does not exist. */
  readonly find: (collection: string, query: Query) => Documents;
  /** Compiles a pipeline nested in a stage. */
  readonly compilePipeline: (specs: readonly RawValue[], expressions: ExpressionContext) => Pipeline;
}

/** Compiles a stage. @throws CommandError if its argument is invalid */
export type StageCompiler = (argument: RawValue, context: StageContext) => Stage;

export interface Pipeline {
  /** The stages at the start that a search runs, by index where possible. */
  readonly query: (variables?: Variable) => Query;
  /** The other stages, as given. */
  readonly rest: readonly RawValue[];
  readonly stages: readonly Stage[];
}

/** A stage that maps each document to another one. */
export function mapping(map: (document: Buffer, variables: Variable | undefined) => Buffer): Stage {
  return (documents, variables) => withPauses(mapItems(documents, (document) => map(document, variables)));
}

/** Passes documents through stages, on demand. */
export function runStages(
  documents: Documents,
  stages: readonly Stage[],
  variables: Variable | undefined,
): Documents {
  return stages.reduce((source, stage) => stage(source, variables), documents);
}

/** Adds pauses to documents that come without. */
export function* withPauses(documents: Documents): Generator<Buffer | Pause, void, undefined> {
  const isPauseDue = pauseClock();
  for (const document of documents) {
    yield document;
    if (document !== PAUSE && isPauseDue()) {
      yield PAUSE;
    }
  }
}
