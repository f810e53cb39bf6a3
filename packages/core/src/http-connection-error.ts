/** No answer, or only a part of one, came from an upstream. */
export class HttpConnectionError extends Error {
  override readonly name = "HttpConnectionError";

  constructor(
    message: string,
    /** Without secrets. */
    readonly url: string,
    /** What Node calls it, such as `ECONNREFUSED`; `ETIMEDOUT` where our own time-out ended the attempt. */
    readonly code: string | undefined,
    /** False where trying again cannot help, as with a certificate that is not trusted. */
    readonly retryable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
