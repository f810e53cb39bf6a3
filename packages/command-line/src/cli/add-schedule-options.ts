import { type Command, Option } from "commander";
import { asDuration, asJitter, asPort } from "./arguments.js";

/** Adds the options that make of one run a schedule. */
export function addScheduleOptions(run: Command): void {
  const options = [
    new Option("--every <duration>", "run now, and then once in each interval: 1h, 30m, 1d").argParser(
      asDuration,
    ),
    new Option("--cron <expression>", 'run at these times, such as "15 * * * *"'),
    new Option("--timezone <name>", "of --cron, such as Europe/Berlin (default: TZ, or the machine's)"),
    new Option("--now", "with --cron: run once at the start, too"),
    new Option(
      "--jitter <duration>",
      "start each run up to this much later, at random (default: a tenth of the interval, 5m at most; 0: none)",
    ).argParser(asJitter),
    new Option("--health-file <file>", "keep the health of the schedule in this file, as JSON"),
    new Option("--health-port <port>", "serve /health and /metrics on this port; 0: any free one").argParser(
      asPort,
    ),
    new Option("--health-host <host>", "the address to serve them on (default: 127.0.0.1)"),
  ];
  for (const option of options) {
    run.addOption(option.helpGroup("Options of a schedule:"));
  }
}
