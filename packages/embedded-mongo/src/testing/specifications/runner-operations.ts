import type { Entities, OperationsOn } from "./entities.js";
import { findMismatch } from "./find-mismatch.js";

/** Operations of the test runner itself. */
export const RUNNER_OPERATIONS: OperationsOn<Entities> = {
  createEntities: (entities, options) => entities.create(options.entities),
  assertSameLsidOnLastTwoCommands(entities, { client }) {
    const mismatch = compareLastSessions(entities, client);
    if (mismatch !== undefined) {
      throw new Error(`the last two commands have different sessions: ${mismatch}`);
    }
  },
  assertDifferentLsidOnLastTwoCommands(entities, { client }) {
    if (compareLastSessions(entities, client) === undefined) {
      throw new Error("the last two commands have the same session");
    }
  },
  assertSessionNotDirty(_entities, { session }) {
    if (session.serverSession.isDirty) {
      throw new Error("the session is dirty");
    }
  },
  assertNumberConnectionsCheckedOut(entities, { client, connections }) {
    const events = entities.eventsOf(client).map(({ name }) => name);
    const count = (name: string) => events.filter((one) => one === name).length;
    const checkedOut = count("connectionCheckedOutEvent") - count("connectionCheckedInEvent");
    if (checkedOut !== connections) {
      throw new Error(`${checkedOut} connections are checked out: expected ${connections}`);
    }
  },
  async assertCollectionExists(entities, { databaseName, collectionName }) {
    const db = entities.internalClient.db(databaseName);
    const collections = await db.listCollections({}, { nameOnly: true }).toArray();
    if (!collections.some(({ name }) => name === collectionName)) {
      throw new Error(`${databaseName}.${collectionName} does not exist`);
    }
  },
};

function compareLastSessions(entities: Entities, client: string): string | undefined {
  const [second, last] = entities
    .eventsOf(client)
    .filter(({ name }) => name === "commandStartedEvent")
    .slice(-2);
  if (last?.event.command.lsid === undefined || second?.event.command.lsid === undefined) {
    throw new Error("the last two commands have no sessions");
  }
  return findMismatch(second.event.command.lsid, last.event.command.lsid, entities);
}
