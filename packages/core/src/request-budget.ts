/** At most `requests` in any `windowMs`. */
export interface RequestQuota {
  readonly requests: number;
  readonly windowMs: number;
}
