import type { Document } from "mongodb";
import type { Entities, ObservedEvent } from "./entities.js";
import { findMismatch } from "./find-mismatch.js";
import type { ExpectedEvents } from "./test-file.js";

/** The first event of a client that a unified test does not expect; undefined if there is none. */
export function eventsMismatch(expected: ExpectedEvents, entities: Entities): string | undefined {
  const ofType = expected.eventType === "cmap" ? /^(connection|pool)/ : /^command/;
  const observed = entities.eventsOf(expected.client).filter(({ name }) => ofType.test(name));
  const names = observed.map(({ name, event }) => `${name} ${event.commandName ?? ""}`.trim()).join(", ");
  if (
    observed.length < expected.events.length ||
    (observed.length > expected.events.length && expected.ignoreExtraEvents !== true)
  ) {
    return `expected ${expected.events.length} events, got ${observed.length}: ${names}`;
  }
  for (const [index, event] of expected.events.entries()) {
    const mismatch = eventMismatch(event, observed[index], entities);
    if (mismatch !== undefined) {
      return `event ${index}: ${mismatch}`;
    }
  }
  return undefined;
}

function eventMismatch(
  expected: Document,
  observed: ObservedEvent | undefined,
  entities: Entities,
): string | undefined {
  const [[name, fields] = ["", {}]] = Object.entries(expected);
  if (observed?.name !== name) {
    return `expected ${name}, got ${observed?.name}`;
  }
  for (const [field, value] of Object.entries(fields)) {
    const mismatch = findMismatch(value, observed.event[field], entities, "ofRoot", `${name}.${field}`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}
