/** A wait before a request is sent. */
export interface WaitNotice {
  /** `budget`: our own quota is used up; `throttled`: the upstream said 429; `retry`: back-off after a failure. */
  readonly reason: "budget" | "throttled" | "retry";
  readonly until: Date;
  /** One line for people, without secrets. */
  readonly message: string;
}
