export interface HttpConnectionErrorOptions extends ErrorOptions {
  /** False where the request never left this machine: there was nobody to send it to. Default true. */
  readonly wasSent?: boolean;
}

/** No answer, or only a part of one, came from an upstream. */
export class HttpConnectionError extends Error {
  override readonly name = "HttpConnectionError";
  readonly wasSent: boolean;

  constructor(
    message: string,
    /** Without secrets. */
    readonly url: string,
    /** What Node calls it, such as `ECONNREFUSED`; `ETIMEDOUT` where our own time-out ended the attempt. */
    readonly code: string | undefined,
    /** False where trying again cannot help, as with a certificate that is not trusted. */
    readonly retryable: boolean,
    { wasSent = true, ...options }: HttpConnectionErrorOptions = {},
  ) {
    super(message, options);
    this.wasSent = wasSent;
  }
}
