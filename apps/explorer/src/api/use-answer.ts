import { useEffect, useState } from "preact/hooks";
import { type Question, requestAnswer, urlOf } from "./request-answer.js";

export interface Asked<Answer> {
  /** To the question, or to the one before while `isLoading`. */
  readonly answer?: Answer;
  /** Why there is no answer. */
  readonly error?: unknown;
  readonly isLoading: boolean;
  retry(): void;
}

interface State<Answer> {
  /** Of the question that this is about. */
  readonly url?: string | undefined;
  readonly answer?: Answer;
  readonly error?: unknown;
}

/** Asks the API, and again when the question changes. Without a question it asks nothing. */
export function useAnswer<Answer>(question: Question<Answer> | undefined): Asked<Answer> {
  const url = question && urlOf(question);
  const [state, setState] = useState<State<Answer>>({});
  const [attempt, setAttempt] = useState(0);
  // The address stands for the question, which is a new object each time.
  useEffect(() => {
    if (question === undefined) {
      setState({});
      return;
    }
    const controller = new AbortController();
    requestAnswer(question, controller.signal).then(
      (answer) => setState({ url, answer }),
      (error) => controller.signal.aborted || setState({ url, error }),
    );
    return () => controller.abort();
  }, [url, attempt]);
  const isLoading = url !== undefined && state.url !== url;
  return {
    ...(state.answer !== undefined && { answer: state.answer }),
    ...(!isLoading && state.error !== undefined && { error: state.error }),
    isLoading,
    retry: () => {
      setState({});
      setAttempt((before) => before + 1);
    },
  };
}
