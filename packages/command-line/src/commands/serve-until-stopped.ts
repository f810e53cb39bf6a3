import { z } from "zod";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import { watchInterruption } from "../process/watch-interruption.js";

/**
 * Starts a server, says that it is ready, and closes it once this process is asked to stop. A signal that comes while it
 * starts is not lost.
 */
export async function serveUntilStopped<Server extends { close(): Promise<void> }>(
  start: () => Promise<Server>,
  announce: (server: Server) => void,
): Promise<ExitStatus> {
  const interruption = watchInterruption(() => undefined);
  // A server that has nothing to do must not let the process end.
  const alive = setInterval(() => undefined, 1 << 30);
  try {
    const server = await start();
    try {
      announce(server);
      await interruption.happened;
    } finally {
      await server.close();
    }
  } finally {
    clearInterval(alive);
    interruption.dispose();
  }
  return exitStatus.ok;
}

const portTaken = z.object({ code: z.literal("EADDRINUSE"), port: z.number() });

/**
 * What a person needs to know where a port cannot be listened on because another process does; undefined for any other
 * error.
 *
 * @param flag the option that sets it, such as `--port`
 */
export function explainPortTaken(error: unknown, flag: string): string | undefined {
  const taken = portTaken.safeParse(error);
  return taken.success
    ? `Port ${taken.data.port} of 127.0.0.1 is taken by another process: choose another one with ${flag}, or any free one with ${flag} 0.`
    : undefined;
}
