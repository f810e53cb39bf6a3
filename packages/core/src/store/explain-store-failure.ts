import {
  MongoBulkWriteError,
  MongoCompatibilityError,
  MongoError,
  MongoMissingCredentialsError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from "mongodb";
import { z } from "zod";
import { errorCodeOf } from "../errors/inspect-error.js";
import { oneLine } from "../text/one-line.js";
import { type Advice, adviceOn, kindOfCode, nameOfCode } from "./mongo-error-codes.js";
import { nameOfStore, type StorePlace } from "./store-place.js";

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
export function explainStoreFailure(error: unknown, place: StorePlace): string | undefined {
  if (!(error instanceof MongoError) && !isSrvLookupFailure(error)) {
    return undefined;
  }
  const faults = collectFaults(error);
  const explained =
    place.kind === "embedded" ? explainEmbedded(faults, place) : explainServer(error, faults, place);
  if (explained !== undefined) {
    return explained;
  }
  if (isTimeout(error)) {
    return `${capitalized(nameOfStore(place))} did not answer in time (${wordsOf(faults)}): check the server and the network, then run again; nothing is lost.`;
  }
  if (isCut(error) || error instanceof MongoNotConnectedError || error instanceof MongoTopologyClosedError) {
    return `The connection to ${nameOfStore(place)} was lost (${wordsOf(faults)}): check the server and the network, then run again; nothing is lost.`;
  }
  const setting = place.kind === "mongodb" ? " (MONGO_URI)" : "";
  return `${capitalized(nameOfStore(place))}${setting} reports: ${wordsOf(faults)}`;
}

function explainEmbedded(faults: readonly Fault[], place: StorePlace): string | undefined {
  const disk = faults.find(
    ({ message, code }) =>
      code === 14031 || /ENOSPC|EDQUOT|no space left|quota exceeded|MDB_MAP_FULL/i.test(message),
  );
  if (disk !== undefined) {
    return `The disk of ${nameOfStore(place)} is full (${words(disk)}): free some space, or set DATA_DIR to a folder on another disk, then run again; what is stored is not lost.`;
  }
  const broken = faults.find(({ message }) => /input\/output error|EIO|EROFS|read-only file/i.test(message));
  return broken === undefined
    ? undefined
    : `The disk of ${nameOfStore(place)} cannot be written (${words(broken)}): check that it is not full, read-only or damaged, then run again; what is stored is not lost.`;
}

function explainServer(error: unknown, faults: readonly Fault[], { host }: StorePlace): string | undefined {
  const members = error instanceof MongoServerSelectionError ? advertisedMembers(error, host) : undefined;
  if (members !== undefined) {
    return members;
  }
  const found = faults.map((fault) => explain(fault, host)).find((text) => text !== undefined);
  if (found !== undefined) {
    return found;
  }
  if (error instanceof MongoCompatibilityError) {
    return `The server at ${host} is too old, or is not MongoDB (${wordsOf(faults)}): MongoDB 4.2 or newer is needed.`;
  }
  if (error instanceof MongoServerSelectionError) {
    return `No usable MongoDB server at ${host} (${wordsOf(faults)}): check that the server is running, that no firewall blocks it, and host, port, replicaSet and tls in MONGO_URI.`;
  }
  return undefined;
}

/** A replica set that is reached, but whose configuration names its members in a way that leads nowhere from here. */
function advertisedMembers({ reason }: MongoServerSelectionError, host: string): string | undefined {
  const named = new Set(host.split(","));
  const strangers = [...(reason?.servers.values() ?? [])].filter(
    ({ address, type }) => type === "Unknown" && !named.has(address),
  );
  if (typeof reason?.setName !== "string" || strangers.length === 0) {
    return undefined;
  }
  const lost = strangers.map(({ address, error }) => `${address} (${whyUnreachable(error)})`).join(", ");
  return `MongoDB at ${host} answers, but the configuration of its replica set ${reason.setName} names members that cannot be reached from here: ${lost}. Add directConnection=true to MONGO_URI, or give the members host names in rs.reconfig() that this machine can resolve and reach.`;
}

function whyUnreachable(error: unknown): string {
  const [fault] = collectFaults(error).filter(({ message }) => message !== "");
  if (fault === undefined) {
    return "no answer";
  }
  return /ENOTFOUND|EAI_AGAIN/.test(`${fault.code} ${fault.message}`)
    ? "the name cannot be resolved"
    : oneLine(fault.message).trim();
}

function explain(fault: Fault, host: string): string | undefined {
  const { message, code } = fault;
  if (code === "ECONNREFUSED" || /ECONNREFUSED/.test(message)) {
    return `Nothing listens at ${host} (connection refused): start MongoDB there, or check host and port in MONGO_URI.`;
  }
  if (
    /^(ENOTFOUND|EAI_AGAIN|ENODATA|ETIMEOUT)$/.test(String(code)) ||
    /ENOTFOUND|EAI_AGAIN|querySrv/.test(message)
  ) {
    return `The host name of ${host} cannot be resolved: check MONGO_URI for a typo, and the network.`;
  }
  const advice = adviceOn(code, message);
  if (advice !== undefined) {
    return adviceTexts[advice](host, words(fault));
  }
  if (/authentication failed|bad auth/i.test(message)) {
    return adviceTexts.credentials(host, words(fault));
  }
  if (
    /CERT|UNABLE_TO_|SIGNATURE|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO/.test(String(code)) ||
    (typeof code !== "number" && /self.signed|certificate|TLS|SSL/i.test(message))
  ) {
    return `TLS to MongoDB at ${host} failed (${oneLine(message).trim()}): check tls, tlsCAFile and the host name in MONGO_URI.`;
  }
  if (/Invalid message size|Invalid opcode|unexpected compressor/i.test(message)) {
    return `What answers at ${host} does not speak MongoDB's protocol: check host and port in MONGO_URI, and whether tls=true belongs in it.`;
  }
  if (/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/.test(String(code))) {
    return `${host} cannot be reached: check MONGO_URI and the network.`;
  }
  return undefined;
}

const adviceTexts: Readonly<Record<Advice, (host: string, said: string) => string>> = {
  credentials: (host, said) =>
    `MongoDB at ${host} rejected the user name or password (${said}). Check both in MONGO_URI, where special characters are written as %XX, and its authSource.`,
  permission: (host, said) =>
    `MongoDB at ${host} does not permit this (${said}): give the user in MONGO_URI the role readWrite on the database.`,
  "not-primary": (host, said) =>
    `The server at ${host} is not a primary and does not accept writes (${said}): name all members and replicaSet in MONGO_URI, without directConnection.`,
  "disk-full": (host, said) =>
    `The disk of MongoDB at ${host} is full (${said}): free some space and run again.`,
  quota: (host, said) =>
    `MongoDB at ${host} has no space left for this database or account (${said}): free some space or choose a larger plan, then run again; nothing is lost.`,
  "writes-blocked": (host, said) =>
    `MongoDB at ${host} does not accept writes at the moment (${said}): run again when its administrator has lifted that.`,
  "shard-key": (host, said) =>
    `A collection in MongoDB at ${host} is sharded by a field that our documents lack (${said}): shard it by { _id: "hashed" }.`,
  "retry-writes": (host, said) =>
    `The server at ${host} does not support retryable writes (${said}): add retryWrites=false to MONGO_URI.`,
  throttled: (host, said) =>
    `MongoDB at ${host} limits the rate of requests (${said}): raise its throughput, or run again later; nothing is lost.`,
  "time-limit": (host, said) =>
    `MongoDB at ${host} took longer than its time limit (${said}): run again when it has less to do; nothing is lost.`,
  "write-concern": (host, said) =>
    `MongoDB at ${host} did not confirm the write as its write concern requires (${said}): check that enough members of the replica set are up, then run again.`,
};

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

/** What the server or the system said, and its code: of the innermost fault that says something. */
function wordsOf(faults: readonly Fault[]): string {
  const fault = faults.findLast(({ message }) => message !== "");
  return fault === undefined ? "no reason given" : words(fault);
}

function words({ message, code }: Fault): string {
  const said = oneLine(message).trim() || "no reason given";
  if (code === undefined || said.includes(String(code))) {
    return said;
  }
  const name = nameOfCode(code);
  return `${said}; code ${code}${name === undefined ? "" : ` ${name}`}`;
}

function isSrvLookupFailure(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && /^query(Srv|Txt)$/.test(String(error.syscall));
}

/** The server was reached and did not answer, or none could be selected. */
export function isTimeout(error: unknown): boolean {
  return (
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkTimeoutError ||
    error instanceof MongoOperationTimeoutError ||
    (error instanceof MongoBulkWriteError && error.code === undefined && /timed out/.test(error.message))
  );
}

/**
 * Whether the connection was lost while a command was under way. A bulk write wraps whatever stopped it: what has no number for a code
 * did not come from the server.
 */
function isCut(error: unknown): boolean {
  return (
    error instanceof MongoNetworkError ||
    isSocketError(error) ||
    (error instanceof MongoBulkWriteError && typeof error.code !== "number")
  );
}

/** The driver waits for a full socket to drain by itself, and then throws the socket's own error: `write EPIPE`, `write ECONNRESET`. */
export function isSocketError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    "syscall" in error &&
    /^(read|write)$/.test(String(error.syscall)) &&
    /^(EPIPE|ECONNRESET|ECONNABORTED|ETIMEDOUT|ENOTCONN|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/.test(
      String(errorCodeOf(error)),
    )
  );
}

/** Whether the same command may succeed when it is sent again. */
export function isTransient(error: unknown): boolean {
  if (error instanceof MongoMissingCredentialsError) {
    return false;
  }
  return (
    isCut(error) ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoOperationTimeoutError ||
    (error instanceof MongoError &&
      (retryLabels.some((label) => error.hasErrorLabel(label)) ||
        (error instanceof MongoServerError && kindOfCode(error.code, "command") === "transient")))
  );
}

/** With which servers mark an error that passes. */
const retryLabels = [
  "RetryableWriteError",
  "RetryableError",
  "SystemOverloadedError",
  "TransientTransactionError",
];

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
