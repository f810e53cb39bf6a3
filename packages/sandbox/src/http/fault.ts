/** What the next matching request gets instead of its answer. */
export interface Fault {
  readonly upstream: "taxii" | "threatfox";
  /** Only requests whose path and query (as sent, or percent-decoded) contain this; absent: any. */
  readonly path?: string | undefined;
  /** How many matching requests are answered as usual before. Default 0. */
  readonly skip?: number;
  /** How many matching requests get it. Default 1. */
  readonly times?: number;
  readonly answer:
    | {
        readonly kind: "status";
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      }
    /** The body a gateway sends: HTML. */
    | { readonly kind: "html"; readonly status: number }
    | { readonly kind: "malformed-json" }
    /** The connection is cut before the answer. */
    | { readonly kind: "disconnect" }
    /** The connection is cut in the middle of the body. */
    | { readonly kind: "truncate" }
    | { readonly kind: "delay"; readonly delayMs: number };
}
