import { createHash, randomBytes } from "node:crypto";
import { BSON, type ClientSession, type Document, Long, MongoClient, MongoServerError } from "mongodb";
import { documentOutcome, toOutcome, wasMadeNow } from "./outcome.js";
import { isSorted, type Step } from "./step.js";

export interface PlayedStep {
  readonly step: string;
  readonly outcome: unknown;
}

/** A database name that no other test uses. The same one serves both servers, because replies contain it. */
export function newDatabaseName(): string {
  return `differential_${randomBytes(6).toString("hex")}`;
}

export async function connect(uri: string): Promise<MongoClient> {
  return await new MongoClient(uri).connect();
}

export async function isSecantus(client: MongoClient): Promise<boolean> {
  const build = await client.db("admin").command({ buildInfo: 1 });
  return build.secantusVersion !== undefined;
}

/** Runs the steps on a fresh database, appends what is stored at the end, and drops the database. */
export async function play(
  client: MongoClient,
  dbName: string,
  steps: readonly Step[],
): Promise<PlayedStep[]> {
  const played: PlayedStep[] = [];
  await client.withSession(async (session) => {
    for (const [index, step] of steps.entries()) {
      const text = BSON.EJSON.stringify(step.command, { relaxed: false });
      played.push({
        step: `${index + 1}. ${text.slice(0, 300)}`,
        outcome: await playStep(client, session, dbName, step),
      });
    }
  });
  played.push({ step: "stored", outcome: await dump(client, dbName) });
  await client.db(dbName).dropDatabase();
  return played;
}

async function playStep(
  client: MongoClient,
  session: ClientSession,
  dbName: string,
  step: Step,
): Promise<unknown> {
  const db = step.db ?? dbName;
  const inOrder = isSorted(step);
  const reply = await send(client, session, db, step.command);
  if (step.drainBy === undefined) {
    return toOutcome(step.see?.(reply) ?? reply, inOrder);
  }
  const batches: Document[][] = [];
  const collection = Object.values(step.command)[0];
  let cursor: Document | undefined = reply.cursor;
  while (cursor !== undefined) {
    batches.push(cursor.firstBatch ?? cursor.nextBatch);
    if (String(cursor.id) === "0") {
      break;
    }
    const getMore = { getMore: cursor.id, collection, batchSize: step.drainBy };
    cursor = (await send(client, session, db, getMore)).cursor;
  }
  const whole = toOutcome({ cursor: { firstBatch: batches.flat(), id: Long.ZERO } }, inOrder);
  return { batches: batches.map((batch) => batch.length), whole };
}

/** The reply, of a refused command too. */
async function send(
  client: MongoClient,
  session: ClientSession,
  db: string,
  command: Document,
): Promise<Document> {
  try {
    return await client.db(db).command(command, { session, promoteValues: false });
  } catch (error) {
    if (error instanceof MongoServerError) {
      return error.errorResponse;
    }
    throw error;
  }
}

/** Every collection with its indexes and documents, byte by byte unless they hold something made just now. */
async function dump(client: MongoClient, dbName: string): Promise<unknown> {
  const db = client.db(dbName);
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
  const stored: Record<string, unknown> = {};
  for (const name of names) {
    const collection = db.collection(name);
    const indexes = await collection.listIndexes().toArray();
    const documents = await collection.find({}, { raw: true }).toArray();
    stored[name] = {
      indexes: Object.fromEntries(
        indexes.map(({ key, ...rest }) => [
          rest.name,
          { ...rest, key: documentOutcome(BSON.EJSON.serialize(key)) },
        ]),
      ),
      documents: documents.map(rawOutcome).sort(),
    };
  }
  return stored;
}

function rawOutcome(raw: unknown): string {
  if (!(raw instanceof Uint8Array)) {
    throw new Error("expected the raw bytes of a document");
  }
  const document = BSON.deserialize(raw, { promoteValues: false });
  const json = BSON.EJSON.serialize(document, { relaxed: false });
  const readable = documentOutcome(json);
  if (wasMadeNow(json)) {
    return readable;
  }
  return `${readable} ${raw.length} bytes, sha256 ${createHash("sha256").update(raw).digest("hex")}`;
}
