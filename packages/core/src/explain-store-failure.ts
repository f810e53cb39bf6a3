import {
  MongoBulkWriteError,
  MongoCompatibilityError,
  MongoError,
  MongoMissingCredentialsError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from "mongodb";
import { z } from "zod";

const faulty = z.object({
  name: z.string().catch(""),
  message: z.string().catch(""),
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
  cause: z.unknown().optional(),
  errors: z.array(z.unknown()).catch([]),
});

interface Fault {
  readonly message: string;
  readonly code: string | number | undefined;
}

/** Says in one line why the database could not be used and what to do, or undefined where the error is not one of the database. */
export function explainStoreFailure(error: unknown, host: string): string | undefined {
  if (!(error instanceof MongoError) && !isSrvLookupFailure(error)) {
    return undefined;
  }
  const faults = collectFaults(error);
  const found = faults.map((fault) => explain(fault, host)).find((text) => text !== undefined);
  if (found !== undefined) {
    return found;
  }
  const message = faults.findLast((fault) => fault.message !== "")?.message ?? String(error);
  if (error instanceof MongoCompatibilityError) {
    return `The server at ${host} is too old or no MongoDB (${oneLine(message)}): MongoDB 4.2 or newer is needed.`;
  }
  if (error instanceof MongoServerSelectionError) {
    return `No usable MongoDB server at ${host} (${oneLine(message)}): check that the server runs, that no firewall is in the way, and host, port, replicaSet and tls in MONGO_URI.`;
  }
  if (isCut(error) || error instanceof MongoNotConnectedError || error instanceof MongoTopologyClosedError) {
    return `The connection to MongoDB at ${host} was lost (${oneLine(message)}): check the server and the network, then run again; nothing is lost.`;
  }
  return `MongoDB at ${host} (MONGO_URI) reports: ${oneLine(message)}`;
}

function explain({ message, code }: Fault, host: string): string | undefined {
  if (code === "ECONNREFUSED" || /ECONNREFUSED/.test(message)) {
    return `Nothing listens at ${host} (connection refused): start MongoDB there, or check host and port in MONGO_URI.`;
  }
  if (
    /^(ENOTFOUND|EAI_AGAIN|ENODATA|ETIMEOUT)$/.test(String(code)) ||
    /ENOTFOUND|EAI_AGAIN|querySrv/.test(message)
  ) {
    return `The host name of ${host} cannot be looked up: check MONGO_URI for a typing error, and the network.`;
  }
  if (code === 18 || code === 8000 || code === 11 || /authentication failed|bad auth/i.test(message)) {
    return `MongoDB at ${host} refuses the user or the password: check both in MONGO_URI (escape special characters as %XX) and its authSource.`;
  }
  if (code === 13) {
    return `MongoDB at ${host} does not permit this (${oneLine(message)}): give MONGO_URI a user and password with the role readWrite on the database.`;
  }
  if (code === 10107 || code === 13435 || code === 13436) {
    return `The server at ${host} is not a primary and takes no writes: name all members and replicaSet in MONGO_URI, without directConnection.`;
  }
  if (code === 14031) {
    return `The disk of MongoDB at ${host} is full (${oneLine(message)}): make room and run again.`;
  }
  if (
    /CERT|UNABLE_TO_|SIGNATURE|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO/.test(String(code)) ||
    /self.signed|certificate|TLS|SSL/i.test(message)
  ) {
    return `TLS to MongoDB at ${host} fails (${oneLine(message)}): check tls, tlsCAFile and the host name in MONGO_URI.`;
  }
  if (/Invalid message size|Invalid opcode|unexpected compressor/i.test(message)) {
    return `What answers at ${host} does not speak MongoDB's protocol: check host and port in MONGO_URI, and whether tls=true belongs in it.`;
  }
  if (/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/.test(String(code))) {
    return `${host} cannot be reached: check MONGO_URI and the network.`;
  }
  return undefined;
}

/** The error with everything that it wraps: causes, members of an aggregate, what each server said. */
function collectFaults(error: unknown, depth = 0): Fault[] {
  const parsed = faulty.safeParse(error);
  if (!parsed.success || depth > 5) {
    return [];
  }
  const { message, cause, errors } = parsed.data;
  const code = error instanceof MongoServerError ? error.code : parsed.data.code;
  const servers =
    error instanceof MongoServerSelectionError
      ? [...(error.reason?.servers.values() ?? [])].map((server) => server.error)
      : [];
  return [
    { message, code },
    ...[...servers, cause, ...errors].flatMap((inner) => collectFaults(inner, depth + 1)),
  ];
}

function isSrvLookupFailure(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && /^query(Srv|Txt)$/.test(String(error.syscall));
}

/** A bulk write wraps whatever stopped it; what has no code did not come from the server. */
function isCut(error: unknown): boolean {
  return (
    error instanceof MongoNetworkError || (error instanceof MongoBulkWriteError && error.code === undefined)
  );
}

/** Whether the same write or read may succeed when it is sent again. */
export function isTransient(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError || error instanceof MongoMissingCredentialsError) {
    return false;
  }
  return (
    isCut(error) ||
    (error instanceof MongoError &&
      (error.hasErrorLabel("RetryableWriteError") ||
        (error instanceof MongoServerError && isTransientCode(error.code))))
  );
}

/** Codes of the retryable writes and reads specifications, and WriteConflict, LockTimeout. */
const transientCodes: ReadonlySet<unknown> = new Set([
  6, 7, 24, 89, 91, 112, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

export function isTransientCode(code: unknown): boolean {
  return transientCodes.has(code);
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").trim();
}
