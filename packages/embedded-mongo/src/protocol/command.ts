import { wholeDocument } from "../bson/raw-value.js";
import type { CommandHandler } from "./command-context.js";
import {
  checkFields,
  duplicateField,
  type FieldRules,
  fields,
  isDocumentSequence,
  unknownField,
} from "./command-fields.js";
import type { CommandRequest } from "./command-request.js";
import { GENERIC_ARGUMENTS } from "./generic-arguments.js";

/** A command: the fields that it takes, and what answers it. */
export interface ServedCommand extends FieldRules {
  /** Fields without a rule are ignored, as MongoDB ignores them in this command. */
  readonly open: boolean;
  readonly run: CommandHandler;
}

/** @param taken its fields besides the generic arguments; its first, which names it, need not be among them */
export function command({ rules, required }: FieldRules, run: CommandHandler): ServedCommand {
  return { rules: new Map([...GENERIC_ARGUMENTS, ...rules]), required, open: false, run };
}

export function openCommand(run: CommandHandler, taken = fields({})): ServedCommand {
  return { ...command(taken, run), open: true };
}

/** @throws CommandError if a field is unknown, missing, given twice, not valid, or refused */
export function checkCommand({ name, body, sequences }: CommandRequest, command: ServedCommand): void {
  const isOther = (field: string): boolean => command.open || field === name;
  const isThere = (field: string): boolean => sequences.has(field);
  const given = checkFields(name, wholeDocument(body), command, isOther, isThere);
  for (const sequence of sequences.keys()) {
    if (given.has(sequence) || !isDocumentSequence(command.rules.get(sequence))) {
      throw (given.has(sequence) ? duplicateField : unknownField)(name, sequence);
    }
  }
}
