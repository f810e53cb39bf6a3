import { z } from "zod";

const portTaken = z.object({
  code: z.literal("EADDRINUSE"),
  port: z.number(),
  address: z.string().default("127.0.0.1"),
});

/**
 * What a person needs to know where a port cannot be listened on because another process does; undefined for any other
 * error.
 *
 * @param flag the option that sets it, such as `--port`
 */
export function explainPortTaken(error: unknown, flag: string): string | undefined {
  const taken = portTaken.safeParse(error);
  return taken.success
    ? `Port ${taken.data.port} of ${taken.data.address} is taken by another process: choose another one with ${flag}, or any free one with ${flag} 0.`
    : undefined;
}
