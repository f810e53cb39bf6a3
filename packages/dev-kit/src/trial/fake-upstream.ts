import type { JsonObject } from "@cti-connectors/core";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import type { SubjectUpstream } from "./subject.js";

export interface ReceivedRequest {
  /** When it arrived, in milliseconds of `performance.now()`. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers in place of the upstream; undefined: the upstream answers. */
export type AnswerInstead = (
  request: ReceivedRequest,
  nth: number,
) => Response | Promise<Response> | undefined;

/** The subject's upstream on loopback. */
export interface FakeUpstream {
  /** Ends in `/`. */
  readonly url: string;
  readonly key: string;
  /** What it has now. */
  records: readonly JsonObject[];
  /** Every request since it was started. */
  readonly requests: readonly ReceivedRequest[];
  /** Disturbs the requests from now on, which are counted from 0; undefined: none. */
  disturb(disturbance: AnswerInstead | undefined): void;
  close(): Promise<void>;
}

/** Long enough to be told from data, with characters that URLs, JSON, HTML and forms escape. */
const defaultKey = "Key+of/the~Conformance=Suite&0123456789";

export async function startFakeUpstream({
  answer,
  key = defaultKey,
}: Pick<SubjectUpstream, "answer" | "key">): Promise<FakeUpstream> {
  const requests: ReceivedRequest[] = [];
  let disturbance: AnswerInstead | undefined;
  let disturbedFrom = 0;
  const server = await serveOnLoopback(async (request) => {
    const at = performance.now();
    const { pathname, search } = new URL(request.url);
    const { method } = request;
    const body = await request.text();
    const received = { at, method, url: pathname + search, headers: headersOf(request), body };
    requests.push(received);
    const disturbed = disturbance?.(received, requests.length - 1 - disturbedFrom);
    if (disturbed !== undefined) {
      return disturbed;
    }
    const whole = new Request(request.url, {
      method,
      headers: received.headers,
      ...(method !== "GET" && method !== "HEAD" && { body }),
    });
    return answer(whole, upstream.records);
  });
  const upstream: FakeUpstream = {
    url: server.url,
    key,
    records: [],
    requests,
    disturb(next) {
      disturbance = next;
      disturbedFrom = requests.length;
    },
    close: () => server.close(),
  };
  return upstream;
}

/** Those of the connection stay behind: a `Request` refuses them, or they no longer fit. */
const connectionHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "transfer-encoding",
]);

function headersOf({ headers }: Request): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].filter(([name]) => !connectionHeaders.has(name)));
}
