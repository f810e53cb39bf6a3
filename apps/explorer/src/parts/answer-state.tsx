import type { ComponentChildren } from "preact";
import { RequestError } from "../api/request-answer.js";
import type { Asked } from "../api/use-answer.js";

interface AnsweredProps<Answer> {
  readonly asked: Asked<Answer>;
  /** What is loading, such as `the matrix`. */
  readonly what: string;
  readonly children: (answer: Answer) => ComponentChildren;
}

/** Shows an answer, that it is loading, or why there is none. While the next answer is loading, the one before stays. */
export function Answered<Answer>({ asked, what, children }: AnsweredProps<Answer>) {
  const { answer, error, isLoading, retry } = asked;
  if (error !== undefined) {
    return <Failure error={error} what={what} retry={retry} />;
  }
  if (answer === undefined) {
    return isLoading ? <Loading what={what} /> : null;
  }
  return (
    <div class="answered" aria-busy={isLoading}>
      {children(answer)}
    </div>
  );
}

function Loading({ what }: { readonly what: string }) {
  return (
    <p class="state loading" role="status">
      Loading {what} …
    </p>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly what: string;
  retry(): void;
}

function Failure({ error, what, retry }: FailureProps) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div class="state failure" role="alert">
      <p>
        <strong>Cannot show {what}.</strong> {message}
      </p>
      {error instanceof RequestError && <p>{error.advice}</p>}
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** Says that there is nothing, and what to do. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="state empty">{children}</div>;
}
