import type { z } from "zod";
import type {
  CheckpointValue,
  Connector,
  ConnectorDefinition,
  DefineStep,
  Step,
  StepDefinition,
  StepTraits,
} from "./connector.js";

/** Declares a connector. Its steps run in the order given, and get the session that its `open` returns. */
export function defineConnector<Schema extends z.ZodObject, Session = undefined>(
  definition: ConnectorDefinition<Schema, Session>,
): Connector<Schema> {
  const { steps } = definition;
  const connector = {
    ...definition,
    steps: typeof steps === "function" ? steps({ step: defineStep }) : steps,
  };
  if (!Array.isArray(connector.steps)) {
    throw new Error(
      `steps of the connector ${connector.name} must return the list of its steps, as in ({ step }) => [step({ … })]`,
    );
  }
  checkSteps(connector);
  checkQuestions(connector);
  checkOptions(connector);
  return connector;
}

/** @throws Error where an option cannot be a flag of a command line: `no-…` would be the opposite of another one, and every program has `help` */
function checkOptions({ name: connector, options = {} }: Pick<Connector, "name" | "options">): void {
  const wrong = Object.keys(options).find(
    (name) => !/^[a-z][a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || name.startsWith("no-") || name === "help",
  );
  if (wrong !== undefined) {
    throw new Error(
      `the connector ${connector} has an option named ${wrong}: use lower-case letters with - between words, do not start it with no-, and do not call it help`,
    );
  }
}

/** @throws Error where two steps have one name, or a step names one that there is not */
function checkSteps({
  name: connector,
  steps,
}: Pick<Connector, "name"> & { readonly steps: readonly StepNames[] }): void {
  const known = new Set<string>();
  for (const step of steps) {
    const { name, needs = [], sharesCollectionsOf = [] } = step;
    const others = steps.map((other) => other.name);
    const unknown = [...needs, ...sharesCollectionsOf].find(
      (other) => other === name || !others.includes(other),
    );
    if (known.has(name)) {
      throw new Error(
        `two steps of the connector ${connector} are named ${name}: each needs a name of its own`,
      );
    }
    if (unknown !== undefined) {
      throw new Error(
        `the step ${name} of the connector ${connector} names ${unknown}, which is not another step of it: it has ${others.join(", ")}`,
      );
    }
    checkRestore(connector, step);
    known.add(name);
  }
}

/** @throws Error where a step cannot restore what it has stored, or its version cannot be compared */
function checkRestore(connector: string, { name, collection, restore }: StepNames): void {
  if (restore !== undefined && collection === undefined) {
    throw new Error(
      `the step ${name} of the connector ${connector} declares restore, but has no collection of its own: declare restore on the step that the collection belongs to`,
    );
  }
  if (restore !== undefined && !(Number.isSafeInteger(restore.version) && restore.version >= 1)) {
    throw new Error(
      `restore.version of the step ${name} of the connector ${connector} must be a whole number from 1, but it is ${restore.version}`,
    );
  }
}

/** @throws Error where the demo asks a step that there is not, or that has no collection */
function checkQuestions({
  name: connector,
  demo,
  steps,
}: Pick<Connector, "name" | "demo"> & { readonly steps: readonly StepNames[] }): void {
  const askable = steps.flatMap(({ name, collection }) => (collection === undefined ? [] : [name]));
  for (const { question, step } of demo?.questions ?? []) {
    if (!askable.includes(step)) {
      throw new Error(
        `the demo of the connector ${connector} asks the step ${step} for "${question}", which is not a step with a collection: ${askable.length === 0 ? "the connector has none" : `ask one of ${askable.join(", ")}`}`,
      );
    }
  }
}

type StepNames = Pick<StepTraits<never>, "name" | "collection" | "needs" | "sharesCollectionsOf" | "restore">;

/**
 * For steps that stand in files of their own: returns what declares them, which knows the types of the settings and of the session.
 *
 * @param connector what `defineConnector` gets, too
 */
export function stepFor<Schema extends z.ZodObject, Session = unknown>(
  _connector: Pick<ConnectorDefinition<Schema, Session>, "config" | "open">,
): DefineStep<z.output<Schema>, Session> {
  return defineStep;
}

/** Declares a step: extract pages, validate and transform their records, load the documents. */
function defineStep<Config, Session, Schema extends z.ZodType, Checkpoint extends CheckpointValue = never>({
  record,
  checkpoint,
  extract,
  transform,
  ...traits
}: StepDefinition<Config, Schema, Checkpoint, Session>): Step<Config, Session> {
  return {
    ...traits,
    extract(context) {
      const saved = checkpoint?.safeParse(context.checkpoint);
      if (context.checkpoint !== undefined && saved?.success === false) {
        context.log.warn(
          { step: traits.name },
          "the saved checkpoint does not fit this version: starting over",
        );
      }
      return extract({ ...context, checkpoint: saved?.success ? saved.data : undefined });
    },
    process: (raw, context) => [transform(record.parse(raw), context)].flat(),
  };
}
