// Loaded before a program (`node --import`): its clock is ahead by CLOCK_AHEAD_MS, or behind where that is negative.
import { env } from "node:process";

const aheadMs = Number(env.CLOCK_AHEAD_MS ?? "0");
const RealDate = Date;

globalThis.Date = class extends RealDate {
  /** @param {[] | ConstructorParameters<DateConstructor>} args */
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + aheadMs] : args));
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
};
