import { BsonType } from "../bson/bson-type.js";
import { int32Of, numberOf } from "../bson/number-value.js";
import { textOf } from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { documentWith, type FieldRule, fields, oneOf, refused } from "./command-fields.js";

const maxTimeMS: FieldRule = (path, value) => {
  const time = int32Of(value);
  if (time === undefined || time < 0) {
    throw badValue(`${shellText(value)} value for '${path}' is out of range [0, ${2 ** 31 - 1}]`);
  }
};

const servedLevel = oneOf("local", "available", "majority");

const level: FieldRule = (path, value) => {
  const text = value.type === BsonType.string ? textOf(value) : "";
  if (text === "linearizable" || text === "snapshot") {
    const message = `node needs to be a replica set member to use '${path}': '${text}'`;
    throw new CommandError("NotAReplicaSet", message);
  }
  servedLevel(path, value);
};

const clusterTime: FieldRule = (path) => {
  throw new CommandError("IllegalOperation", `Cannot specify '${path}' without replication enabled`);
};

const w: FieldRule = (path, value) => {
  const members = numberOf(value);
  const isMajority = value.type === BsonType.string && textOf(value) === "majority";
  if (!isMajority && !(members !== undefined && members >= 0 && members <= 1)) {
    throw badValue(`cannot use '${path}' > 1 or other than 'majority' when a host is not replicated`);
  }
};

const apiVersion: FieldRule = (_path, value) => {
  if (value.type !== BsonType.string || textOf(value) !== "1") {
    throw new CommandError("APIVersionError", 'API version must be "1"');
  }
};

const transaction: FieldRule = () => {
  const message = "Transaction numbers are only allowed on a replica set member or mongos";
  throw new CommandError("IllegalOperation", message);
};

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
