import { elementsOf } from "../bson/bson-elements.js";
import type { CommandHandler } from "./command-context.js";
import {
  checkFields,
  duplicateField,
  type FieldRules,
  isDocumentSequence,
  unknownField,
} from "./command-fields.js";
import type { CommandRequest } from "./command-request.js";
import { GENERIC_ARGUMENTS } from "./generic-arguments.js";

/** A command: the fields that it takes, and what answers it. */
export interface Command {
  readonly fields: FieldRules;
  /** Fields without a rule are ignored, as MongoDB ignores them in this command. */
  readonly open: boolean;
  readonly run: CommandHandler;
}

/** @param rules of its fields besides the generic arguments; its first, which names it, needs none */
export function command(rules: FieldRules, run: CommandHandler): Command {
  return { fields: { ...GENERIC_ARGUMENTS, ...rules }, open: false, run };
}

export function openCommand(run: CommandHandler, rules: FieldRules = {}): Command {
  return { ...command(rules, run), open: true };
}

/** @throws CommandError where a field is unknown, missing, given twice, not valid, or refused */
export function checkCommand({ name, body, sequences }: CommandRequest, { fields, open }: Command): void {
  const given = checkFields(name, body, elementsOf(body), fields, {
    isThere: (field) => sequences.has(field),
    unknown: (path, field) => (open || field === name ? undefined : unknownField(path, field)),
  });
  for (const sequence of sequences.keys()) {
    if (given.has(sequence) || !isDocumentSequence(fields[sequence])) {
      throw (given.has(sequence) ? duplicateField : unknownField)(name, sequence);
    }
  }
}
