import { badRequest } from "@cti-connectors/taxii-server";
import { z } from "zod";

/** Where in a collection a page ended: documents are served in the order of when they came, and of their `_id`s. */
export interface AddedPosition {
  readonly added: Date;
  readonly id: string;
  /** How many objects of the document have been passed, where it stands for several. */
  readonly part?: number;
}

const written = z.union([
  z.tuple([z.iso.datetime(), z.string()]),
  z.tuple([z.iso.datetime(), z.string(), z.int().min(1)]),
]);

export function writePosition({ added, id, part }: AddedPosition): string {
  return JSON.stringify([added.toISOString(), id, ...(part === undefined ? [] : [part])]);
}

/** @throws TaxiiRefusal 400 where the text is none that `writePosition` has written */
export function readPosition(text: string): AddedPosition {
  try {
    const [added, id, part] = written.parse(JSON.parse(text));
    return { added: new Date(added), id, ...(part !== undefined && { part }) };
  } catch {
    throw badRequest("next is not a position in this collection: begin without next");
  }
}

/** Negative where `one` comes before `other`. */
export function comparePositions(one: AddedPosition, other: AddedPosition): number {
  const byTime = one.added.getTime() - other.added.getTime();
  return byTime === 0 ? (one.id < other.id ? -1 : Number(one.id > other.id)) : byTime;
}
