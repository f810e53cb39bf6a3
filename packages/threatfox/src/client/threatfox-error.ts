/** ThreatFox refused a query, or its answer is not one of its API. */
export class ThreatfoxError extends Error {
  override readonly name = "ThreatfoxError";
  /** ThreatFox's error code, such as `unknown_auth_key`, if the answer has one. */
  readonly queryStatus: string | undefined;
  /** HTTP status of the answer; ThreatFox sends errors with 200, too. */
  readonly httpStatus: number;

  /** @param message without secrets */
  constructor(
    message: string,
    details: { readonly queryStatus?: string | undefined; readonly httpStatus: number },
  ) {
    super(message);
    this.queryStatus = details.queryStatus;
    this.httpStatus = details.httpStatus;
  }
}
