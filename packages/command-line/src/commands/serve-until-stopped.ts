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
