/** A question to the API, and what its answer is. */
export interface Question<Answer> {
  /** Below `api/v1`, such as `/attack/releases`. */
  readonly path: string;
  readonly query: Query;
  /** Never there: it ties the type of the answer to the question. */
  readonly answer?: Answer;
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** The API did not answer: `message` says what happened, `advice` what to do. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  constructor(
    message: string,
    readonly advice: string,
    /** Of HTTP. Absent: the server was not reached. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** The same for the same question. */
export function urlOf({ path, query }: Question<unknown>): string {
  const url = new URL(`api/v1${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== "") {
        url.searchParams.append(name, String(each));
      }
    }
  }
  return url.href;
}

/** How often a server that asks to be asked again is asked. */
const mostAttempts = 60;

/**
 * Asks again where the server says when to: it does while it counts IOCs for the first time.
 *
 * @throws RequestError where the server cannot be reached, refuses, or fails
 * @throws DOMException where `signal` ends it
 */
export async function requestAnswer<Answer>(
  question: Question<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  let response = await send(urlOf(question), signal);
  for (let attempt = 1; attempt < mostAttempts && isWaiting(response); attempt += 1) {
    await delay(Number(response.headers.get("retry-after")) * 1_000);
    signal.throwIfAborted();
    response = await send(urlOf(question), signal);
  }
  if (!response.ok) {
    throw await describeFailure(response);
  }
  return response.json();
}

function isWaiting({ status, headers }: Response): boolean {
  return status === 503 && headers.has("retry-after");
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function send(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    signal.throwIfAborted();
    throw new RequestError(
      "The server did not answer.",
      `Check that it still runs and can be reached (${error instanceof Error ? error.message : error}), then try again.`,
    );
  }
}

/** From problem details (RFC 9457), where the server sent them. */
async function describeFailure(response: Response): Promise<RequestError> {
  const problem: unknown = await response.json().catch(() => undefined);
  const read = (name: "title" | "detail") => {
    const value = problem instanceof Object && name in problem ? Reflect.get(problem, name) : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const { status } = response;
  return new RequestError(
    read("title") ?? `The server answered with status ${status}.`,
    read("detail") ?? (status >= 500 ? "Its log says why." : "Check the address, then try again."),
    status,
  );
}
