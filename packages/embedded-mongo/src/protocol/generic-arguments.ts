import { badValue, CommandError } from "../errors/command-error.js";
import { documentWith, fields, refused, valueRule } from "./command-fields.js";

const maxTimeMS = valueRule((time, path) => {
  if (!(Number.isInteger(time) && Number(time) >= 0 && Number(time) <= 2 ** 31 - 1)) {
    throw badValue(`${String(time)} value for '${path}' is out of range [0, ${2 ** 31 - 1}]`);
  }
});

const level = valueRule((value, path) => {
  if (value === "linearizable" || value === "snapshot") {
    const message = `node needs to be a replica set member to use '${path}': '${value}'`;
    throw new CommandError("NotAReplicaSet", message);
  }
  if (value !== "local" && value !== "available" && value !== "majority") {
    throw badValue(`Enumeration value '${String(value)}' for field '${path}' is not a valid value.`);
  }
});

const clusterTime = valueRule((_time, path) => {
  throw new CommandError("IllegalOperation", `Cannot specify '${path}' without replication enabled`);
});

const w = valueRule((members, path) => {
  const isKnown = members === "majority" || (typeof members === "number" && members >= 0 && members <= 1);
  if (!isKnown) {
    throw badValue(`cannot use '${path}' > 1 or other than 'majority' when a host is not replicated`);
  }
});

const apiVersion = valueRule((version) => {
  if (version !== "1") {
    throw new CommandError("APIVersionError", 'API version must be "1"');
  }
});

const transaction = valueRule(() => {
  const message = "Transaction numbers are only allowed on a replica set member or mongos";
  throw new CommandError("IllegalOperation", message);
});

/** The fields that every command takes: those of MongoDB's `generic_argument.idl`, for a standalone server. */
export const { rules: GENERIC_ARGUMENTS } = fields(
  {
    string: "$db",
    // Nothing of API version 1 is deprecated.
    flag: "apiDeprecationErrors",
    // There is one member to read from, without a cluster time; nothing is logged.
    object: "$readPreference $queryOptions $clusterTime",
    any: "comment",
    refused: "help rawData stmtId maxTimeMSOpOnly $tenant shardVersion databaseVersion txnRetryCounter",
  },
  {
    lsid: documentWith(fields({ binary: "id uid", required: "id" })),
    maxTimeMS,
    readConcern: documentWith(
      fields(
        { string: "provenance" },
        { level, afterClusterTime: clusterTime, atClusterTime: clusterTime, afterOpTime: clusterTime },
      ),
    ),
    // Every write is synced before it is acknowledged.
    writeConcern: documentWith(fields({ flag: "j fsync", number: "wtimeout", string: "provenance" }, { w })),
    apiVersion,
    apiStrict: refused("APIStrictError"),
    txnNumber: transaction,
    autocommit: transaction,
    startTransaction: transaction,
  },
);
