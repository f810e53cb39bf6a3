import type { MongoFault } from "@cti-connectors/sandbox";

/** A place in the traffic between the driver and the server. */
export interface MongoPlace {
  readonly name: string;
  readonly command: readonly string[];
  readonly collection: string;
  /** Only what holds this text. */
  readonly holding?: string;
  readonly modes: readonly MongoFault["mode"][];
}

export interface ServerFault {
  /** As the table names it. */
  readonly name: string;
  readonly mode: MongoFault["mode"];
  readonly code?: number;
  readonly errmsg?: string;
}

const codes = [
  { code: 1, name: "InternalError", errmsg: "internal error" },
  { code: 13, name: "Unauthorized", errmsg: "not authorized on db to execute command" },
  { code: 50, name: "MaxTimeMSExpired", errmsg: "operation exceeded time limit" },
  { code: 91, name: "ShutdownInProgress", errmsg: "The server is in quiesce mode and will shut down" },
  { code: 112, name: "WriteConflict", errmsg: "WriteConflict error" },
  { code: 189, name: "PrimarySteppedDown", errmsg: "Primary stepped down" },
  { code: 262, name: "ExceededTimeLimit", errmsg: "operation exceeded time limit" },
  { code: 8000, name: "Atlas: space quota", errmsg: "you are over your space quota, using 513 MB of 512 MB" },
  { code: 14031, name: "OutOfDiskSpace", errmsg: "available disk space is less than required minimum" },
  {
    code: 16500,
    name: "Cosmos DB: request rate",
    errmsg: "Error=16500, RetryAfterMs=5, Details='Request rate is large'",
  },
  { code: 99999, name: "a code that nobody knows", errmsg: "something went wrong" },
] as const;

const coded = (mode: "perWrite" | "command"): readonly ServerFault[] =>
  codes.map(({ code, name, errmsg }) => ({
    name: `${code} ${name}, ${mode === "perWrite" ? "for one write" : "for the whole command"}`,
    mode,
    code,
    errmsg,
  }));

export const serverFaults: readonly ServerFault[] = [
  ...coded("perWrite"),
  ...coded("command"),
  {
    name: "64 WriteConcernTimeout, as a write concern error",
    mode: "writeConcern",
    code: 64,
    errmsg: "waiting for replication timed out",
  },
  { name: "connection cut before the server gets it", mode: "cutBefore" },
  { name: "connection cut before the answer", mode: "cut" },
  { name: "the command is lost, and the connection stays open", mode: "swallow" },
  { name: "the answer is lost, and the connection stays open", mode: "swallowReply" },
];

const forWrites = [
  "perWrite",
  "command",
  "writeConcern",
  "cutBefore",
  "cut",
  "swallow",
  "swallowReply",
] as const;
const forCheckpoints = ["command", "cutBefore", "cut", "swallow"] as const;
const forReads = ["command", "cut", "swallow"] as const;

export const mongoPlaces: readonly MongoPlace[] = [
  {
    name: "MongoDB: documents are written",
    command: ["insert", "update"],
    collection: "objects",
    modes: forWrites,
  },
  {
    name: "MongoDB: a checkpoint is saved",
    command: ["update"],
    collection: "etl_state",
    holding: "checkpoint/",
    modes: forCheckpoints,
  },
  { name: "MongoDB: stored documents are read", command: ["find"], collection: "objects", modes: forReads },
];
