import { type Command, Option } from "commander";
import { asDuration, asJitter, asPort } from "./arguments.js";

/**
 * Adds the options of a schedule.
 *
 * @param servesHealth whether it can have a port of its own for its health
 */
export function addScheduleOptions(
  command: Command,
  { servesHealth }: { readonly servesHealth: boolean },
): void {
  const options = [
    new Option("--every <duration>", "run now, then at this interval: 30m, 1h, 1d").argParser(asDuration),
    new Option("--cron <expression>", 'run at these times, such as "15 * * * *"'),
    new Option(
      "--timezone <name>",
      "time zone of --cron, such as Europe/Berlin (default: TZ, or the machine's)",
    ),
    new Option("--now", "with --cron: also run once at the start"),
    new Option(
      "--jitter <duration>",
      "delay each run at random by up to this much (default: a tenth of the interval, at most 5m; 0: none)",
    ).argParser(asJitter),
    new Option("--health-file <file>", "write the health of the schedule to this file, as JSON"),
    ...(servesHealth ? healthOptions() : []),
  ];
  for (const option of options) {
    command.addOption(option.helpGroup("Options of a schedule:"));
  }
}

function healthOptions(): readonly Option[] {
  return [
    new Option("--health-port <port>", "serve /health and /metrics on this port; 0: any free port").argParser(
      asPort,
    ),
    new Option("--health-host <host>", "address to serve them on (default: 127.0.0.1)"),
  ];
}
