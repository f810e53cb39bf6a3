import type { RawValue } from "../bson/raw-value.js";
import type { ExpressionContext, Variable } from "../expressions/expression.js";
import type { Query } from "../records/find-records.js";
import { PAUSE, type Pause, pauseClock } from "../records/pause.js";

/** The bytes of documents, with pauses. */
export type Documents = Iterable<Buffer | Pause>;

/** A stage of a pipeline: documents come out as they are asked for. `variables` are for expressions. */
export type Stage = (documents: Documents, variables: Variable | undefined) => Documents;

/** What the stages of one pipeline have in common. */
export interface StageContext {
  readonly expressions: ExpressionContext;
  /** The documents of another collection; none where there is no such collection. */
  readonly find: (collection: string, query: Query) => Documents;
  /** Compiles a pipeline within a stage. */
  readonly compilePipeline: (specs: readonly RawValue[], expressions: ExpressionContext) => Pipeline;
}

/** @throws CommandError where the argument of the stage is not valid */
export type StageCompiler = (argument: RawValue, context: StageContext) => Stage;

export interface Pipeline {
  /** What a search does of it, by index where there is one. */
  readonly query: (variables?: Variable) => Query;
  /** The stages behind that, as they were given. */
  readonly rest: readonly RawValue[];
  readonly stages: readonly Stage[];
}

/** A stage that makes one document of each. */
export function mapping(map: (document: Buffer, variables: Variable | undefined) => Buffer): Stage {
  return function* (documents, variables) {
    const isPauseDue = pauseClock();
    for (const document of documents) {
      yield document === PAUSE ? PAUSE : map(document, variables);
      if (document !== PAUSE && isPauseDue()) {
        yield PAUSE;
      }
    }
  };
}

export function runStages(
  documents: Documents,
  stages: readonly Stage[],
  variables: Variable | undefined,
): Documents {
  return stages.reduce((source, stage) => stage(source, variables), documents);
}

/** Adds pauses to what a stage held back. */
export function* withPauses(documents: Documents): Generator<Buffer | Pause, void, undefined> {
  const isPauseDue = pauseClock();
  for (const document of documents) {
    yield document;
    if (document !== PAUSE && isPauseDue()) {
      yield PAUSE;
    }
  }
}
