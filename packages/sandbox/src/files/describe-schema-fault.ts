import { z } from "zod";

const mostIssues = 3;

/** What is wrong with a file, in a few lines: the first faults, and how many more there are. */
export function describeSchemaFault({ issues }: z.ZodError): string {
  const shown = z.prettifyError(new z.ZodError(issues.slice(0, mostIssues)));
  const others = issues.length - mostIssues;
  return others > 0 ? `${shown}\n… and ${others} more` : shown;
}
