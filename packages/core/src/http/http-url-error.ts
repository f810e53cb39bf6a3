/** An address that no request is sent to. The message names the setting and shows no secret. */
export class HttpUrlError extends Error {
  override readonly name = "HttpUrlError";
}
