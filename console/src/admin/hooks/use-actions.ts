import { useCallback, useState } from "react";
import { type ApiProblem, problemOf } from "../api/problem";

/** What became of the last thing that was done. */
export interface Actions {
  /** Something is under way: nothing else is begun meanwhile. */
  readonly isBusy: boolean;
  /** What was done last; empty before. */
  readonly done: string;
  readonly problem: ApiProblem | null;
  /** Does something; `words` say it when it is done. */
  run(words: string, action: () => Promise<void>): void;
  dismiss(): void;
}

/** Does one thing after another. `onSettled` is called after each, whatever became of it. */
export function useActions(onSettled: () => void): Actions {
  const [state, setState] = useState<Pick<Actions, "isBusy" | "done" | "problem">>({ isBusy: false, done: "", problem: null });

  const run = useCallback(
    (words: string, action: () => Promise<void>) => {
      setState({ isBusy: true, done: "", problem: null });
      action()
        .then(
          () => setState({ isBusy: false, done: words, problem: null }),
          (error: unknown) => setState({ isBusy: false, done: "", problem: problemOf(error) }),
        )
        .finally(onSettled);
    },
    [onSettled],
  );

  return { ...state, run, dismiss: useCallback(() => setState({ isBusy: false, done: "", problem: null }), []) };
}
