import { Decimal128, Double, Int32, Long } from "bson";

export const int = (value: number) => new Int32(value);
export const long = (value: string) => Long.fromString(value);
export const double = (value: number) => new Double(value);
export const decimal = (value: string) => Decimal128.fromString(value);
