import type { Document } from "mongodb";

/** One command of a case, and how its answer is compared. */
export interface Step {
  readonly command: Document;
  /** Default: the case's own database. */
  readonly db?: "admin";
  /** Reads the cursor to its end with getMore, in batches of this size. */
  readonly drainBy?: number;
  /** The parts of the reply that count. Default: all of it. */
  readonly see?: (reply: Document) => Document;
  /** The order of a batch counts although nothing sorts it. */
  readonly inOrder?: boolean;
}

/** A series of commands on a fresh database. After the last, everything that is stored is compared too. */
export interface DifferentialCase {
  readonly name: string;
  readonly steps: readonly Step[];
}

export function run(command: Document, options: Omit<Step, "command"> = {}): Step {
  return { command, ...options };
}

/** Whether the command defines the order of its results. */
export function isSorted({ command, inOrder }: Step): boolean {
  const pipeline: readonly unknown[] = Array.isArray(command.pipeline) ? command.pipeline : [];
  const ordering = pipeline.findLast((stage) => ORDERING.some((name) => isStage(stage, name)));
  return inOrder === true || command.sort !== undefined || isStage(ordering, "$sort");
}

/** Stages that decide on the order of documents. */
const ORDERING = ["$sort", "$group", "$sample"];

function isStage(stage: unknown, name: string): boolean {
  return typeof stage === "object" && stage !== null && name in stage;
}

/** For `see`: compares only whether the server refuses, because the code is not documented. */
export function refusal(reply: Document): Document {
  return { refused: Number(reply.ok) === 0 || reply.writeErrors !== undefined };
}

/** For `see`: compares only these fields of the reply. */
export function only(...fields: string[]): (reply: Document) => Document {
  return (reply) => Object.fromEntries(fields.map((field) => [field, reply[field]]));
}
