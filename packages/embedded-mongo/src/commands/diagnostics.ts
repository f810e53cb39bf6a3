import { arch, cpus, hostname, type as osType, platform, release, totalmem } from "node:os";
import { Double, Long } from "bson";
import { CommandError } from "../errors/command-error.js";
import type { CommandContext, CommandHandler, CommandResult } from "../protocol/command-context.js";
import { type CommandRequest, plainField, stringField } from "../protocol/command-request.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";

/** The MongoDB version whose behaviour is followed. */
export const SERVER_VERSION = "8.0.0";

export const ping: CommandHandler = () => ({});

export const buildInfo: CommandHandler = () => ({
  version: SERVER_VERSION,
  gitVersion: "embedded",
  modules: [],
  allocator: "system",
  javascriptEngine: "none",
  sysInfo: "embedded-mongo (LMDB)",
  versionArray: [8, 0, 0, 0],
  openssl: { running: "none", compiled: "none" },
  buildEnvironment: {},
  bits: 64,
  debug: false,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  storageEngines: ["lmdb"],
});

export const serverStatus: CommandHandler = (context) => {
  const uptime = (Date.now() - context.server.startedAt.getTime()) / 1000;
  const { current, created } = context.server.connections();
  return {
    host: `${hostname()}:${context.server.port()}`,
    version: SERVER_VERSION,
    process: "embedded-mongo",
    pid: process.pid,
    uptime: new Double(uptime),
    uptimeMillis: Long.fromNumber(Math.floor(uptime * 1000)),
    uptimeEstimate: Long.fromNumber(Math.floor(uptime)),
    localTime: new Date(),
    connections: { current, available: 1000, totalCreated: created, active: current },
    metrics: { cursor: { open: { total: context.cursors.size } } },
    storageEngine: { name: "lmdb", supportsCommittedReads: true, persistent: true, readOnly: false },
  };
};

export const hostInfo: CommandHandler = () => ({
  system: {
    currentTime: new Date(),
    hostname: hostname(),
    cpuAddrSize: 64,
    memSizeMB: Math.round(totalmem() / 1024 / 1024),
    numCores: cpus().length,
    cpuArch: arch(),
  },
  os: { type: osType(), name: platform(), version: release() },
  extra: {},
});

export const connectionStatus: CommandHandler = () => ({
  authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] },
});

export const whatsMyUri: CommandHandler = (context) => ({ you: context.operation.origin.remoteAddress });

export const getCmdLineOpts: CommandHandler = () => ({ argv: ["embedded-mongo"], parsed: {} });

export const getLog: CommandHandler = (_context, request) => {
  const which = stringField(request, "getLog");
  return which === "*" ? { names: ["global", "startupWarnings"] } : { totalLinesWritten: 0, log: [] };
};

const PARAMETERS: Readonly<Record<string, unknown>> = {
  featureCompatibilityVersion: { version: "8.0" },
  authenticationMechanisms: [],
};

export const getParameter: CommandHandler = (_context, request) => {
  if (plainField(request, "getParameter") === "*") {
    return PARAMETERS;
  }
  const known = Object.keys(PARAMETERS).filter((name) => request.fields.has(name));
  if (known.length === 0) {
    throw new CommandError("InvalidOptions", "no option found to get");
  }
  return Object.fromEntries(known.map((name) => [name, PARAMETERS[name]]));
};

export function dbStats(context: CommandContext, request: CommandRequest): CommandResult {
  const collections = context.database.catalog.list(request.db);
  const objects = collections.reduce((sum, { count }) => sum + count, 0);
  const dataSize = collections.reduce((sum, collection) => sum + collection.dataSize, 0);
  return {
    db: request.db,
    collections: collections.length,
    views: 0,
    objects,
    avgObjSize: new Double(objects === 0 ? 0 : dataSize / objects),
    dataSize: new Double(dataSize),
    storageSize: new Double(dataSize),
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length + 1, 0),
    indexSize: new Double(0),
    totalSize: new Double(dataSize),
    scaleFactor: 1,
  };
}
