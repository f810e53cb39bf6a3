import { aliasOfType, BsonType } from "../bson/bson-type.js";
import type { RawValue } from "../bson/raw-value.js";
import { type TimeZone, timeZone, UTC } from "../dates/time-zone.js";
import { CommandError, type ErrorName } from "../errors/command-error.js";
import { type Compile, isConstant, optionalText, type Scope } from "./expression.js";

/** The instant of a date, a timestamp or an ObjectId, in milliseconds since 1970; undefined for another type. */
export function instantOf({ type, bytes, at }: RawValue): bigint | undefined {
  switch (type) {
    case BsonType.date:
      return bytes.readBigInt64LE(at);
    case BsonType.timestamp:
      return BigInt(bytes.readUInt32LE(at + 4)) * 1000n;
    case BsonType.objectId:
      return BigInt(bytes.readInt32BE(at)) * 1000n;
    default:
      return undefined;
  }
}

/** @throws CommandError with the code if the value is not a date, a timestamp or an ObjectId */
export function dateOf(value: RawValue, code: ErrorName = "Location16006"): bigint {
  const instant = instantOf(value);
  if (instant === undefined) {
    throw new CommandError(code, `can't convert from BSON type ${aliasOfType(value.type)} to Date`);
  }
  return instant;
}

export type ZoneExpression = (scope: Scope) => TimeZone | undefined;

/** The `timezone` of an operator: UTC if absent, undefined if null. A literal is checked at compile time. */
export function zoneArgument(spec: RawValue, compile: Compile): ZoneExpression {
  if (spec.type === BsonType.missing) {
    return () => UTC;
  }
  const zoneOf = (value: RawValue) => {
    const name = optionalText(value, "Location40517", "timezone must evaluate to");
    return name === undefined ? undefined : timeZone(name);
  };
  if (isConstant(spec)) {
    const constant = zoneOf(spec);
    return () => constant;
  }
  const expression = compile(spec);
  return (scope) => zoneOf(expression(scope));
}
