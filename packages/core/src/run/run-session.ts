import type { OpenContext } from "../connector/connector.js";
import type { ConfiguredConnector } from "../connector/define-connector.js";

/** What the steps of one run of a connector share. */
export interface RunSession {
  /** Opens it, unless an earlier call did. Rejects where opening fails; the next call tries again. */
  open(): Promise<unknown>;
  /** Closes it where it is open. */
  close(): Promise<void>;
}

export function createRunSession(
  connector: ConfiguredConnector,
  context: Omit<OpenContext<never>, "config">,
): RunSession {
  let opening: Promise<unknown> | undefined;

  async function openNow(): Promise<unknown> {
    if (connector.open === undefined) {
      throw new Error(`a step of ${connector.name} asks for the session, but the connector has no open`);
    }
    return connector.open(context);
  }

  return {
    open() {
      const started = opening ?? openNow();
      opening = started;
      started.catch(() => {
        opening = undefined;
      });
      return started;
    },
    async close() {
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
