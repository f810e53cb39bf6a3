import { HTTPException } from "hono/http-exception";
import { delayAnswer } from "../http/delay-answer.js";
import { gatewayPage } from "../http/gateway-page.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

/**
 * Does to a page with this many objects what `largePage` says.
 *
 * @param hungUp aborts when the client no longer waits for the answer
 * @throws HTTPException with the gateway's page, where that is the answer
 */
export async function holdLargePage(
  objects: number,
  { behavior: { largePage }, closing }: { readonly behavior: TaxiiBehavior; readonly closing: AbortSignal },
  hungUp: AbortSignal = new AbortController().signal,
): Promise<void> {
  if (largePage === undefined || objects <= largePage.objects) {
    return;
  }
  const isAwaited = await delayAnswer(largePage.delayMs ?? 0, { closing, hungUp });
  const status = isAwaited ? largePage.status : 504;
  if (status !== undefined) {
    throw new HTTPException(status, { res: gatewayPage(status) });
  }
}
