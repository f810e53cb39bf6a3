import { arch, cpus, hostname, type as osType, platform, release, totalmem } from "node:os";
import { Double, Long } from "bson";
import { BsonType } from "../bson/bson-type.js";
import { textOf } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { command, openCommand } from "../protocol/command.js";
import { fields } from "../protocol/command-fields.js";
import { booleanField, numberField, requiredField, stringField } from "../protocol/command-request.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";

/** The MongoDB version whose behaviour is followed. */
export const SERVER_VERSION = "8.0.0";

export const ping = openCommand(() => ({}));

export const buildInfo = openCommand(() => ({
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
}));

export const serverStatus = openCommand((context) => {
  const uptime = (Date.now() - context.server.startedAt.getTime()) / 1000;
  const { current, created } = context.server.connections();
  return {
    host: `${context.server.host}:${context.server.port()}`,
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
});

export const hostInfo = openCommand(() => ({
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
}));

export const connectionStatus = command(fields({ flag: "showPrivileges" }), (_context, request) => ({
  authInfo: {
    authenticatedUsers: [],
    authenticatedUserRoles: [],
    ...(booleanField(request, "showPrivileges") && { authenticatedUserPrivileges: [] }),
  },
}));

export const whatsMyUri = openCommand((context) => ({ you: context.operation.origin.remoteAddress }));

export const getCmdLineOpts = openCommand(() => ({ argv: ["embedded-mongo"], parsed: {} }));

export const getLog = command(fields({ string: "getLog", required: "getLog" }), (_context, request) => {
  const which = stringField(request, "getLog");
  return which === "*" ? { names: ["global", "startupWarnings"] } : { totalLinesWritten: 0, log: [] };
});

const PARAMETERS: Readonly<Record<string, unknown>> = {
  featureCompatibilityVersion: { version: "8.0" },
  authenticationMechanisms: [],
  enableTestCommands: false,
};

export const getParameter = openCommand(
  (_context, request) => {
    const which = requiredField(request, "getParameter");
    const isAll = which.type === BsonType.string && textOf(which) === "*";
    const known = Object.entries(PARAMETERS).filter(([name]) => isAll || request.fields.has(name));
    if (known.length === 0) {
      throw new CommandError("InvalidOptions", "no option found to get");
    }
    return Object.fromEntries(known);
  },
  fields({ refused: "showDetails" }),
);

export const dbStats = command(fields({ scale: "scale", refused: "freeStorage" }), (context, request) => {
  const collections = context.database.catalog.list(request.db);
  const scale = numberField(request, "scale") ?? 1;
  const objects = collections.reduce((sum, { count }) => sum + count, 0);
  const dataSize = collections.reduce((sum, collection) => sum + collection.dataSize, 0);
  const scaled = new Double(dataSize / scale);
  return {
    db: request.db,
    collections: collections.length,
    views: 0,
    objects,
    avgObjSize: new Double(objects === 0 ? 0 : dataSize / objects),
    dataSize: scaled,
    storageSize: scaled,
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length + 1, 0),
    indexSize: new Double(0),
    totalSize: scaled,
    scaleFactor: scale,
  };
});
