import type { ConfiguredConnector } from "../connector/configure-connector.js";
import type { OpenContext } from "../connector/connector.js";

export type RunSession = ReturnType<typeof createRunSession>;

/** What the steps of one run of a connector share. */
export function createRunSession(
  connector: ConfiguredConnector,
  context: Omit<OpenContext<never>, "config">,
) {
  let opening: Promise<unknown> | undefined;

  async function openNow(): Promise<unknown> {
    if (connector.open === undefined) {
      throw new Error(`a step of ${connector.name} asks for the session, but the connector has no open`);
    }
    return connector.open(context);
  }

  return {
    /** Opens it, unless an earlier call did. Rejects where opening fails; the next call tries again. */
    open(): Promise<unknown> {
      const started = opening ?? openNow();
      opening = started;
      started.catch(() => {
        opening = undefined;
      });
      return started;
    },
    /** Closes it where it is open. */
    async close(): Promise<void> {
      const opened = await opening?.then(
        (session) => ({ session }),
        () => undefined,
      );
      opening = undefined;
      if (opened !== undefined) {
        await connector.close?.(opened.session);
      }
    },
  };
}
