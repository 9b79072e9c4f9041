import type { ReactNode } from "react";
import { Callout } from "../../components/callout";
import type { ApiProblem } from "../api/problem";

interface ProblemCalloutProps {
  readonly problem: ApiProblem;
  /** What did not work. */
  readonly title: string;
  readonly children?: ReactNode;
}

/** A refusal in the server's own words, with the code that its documentation knows it by. */
export function ProblemCallout({ problem, title, children }: ProblemCalloutProps) {
  const detail = problem.message.charAt(0).toUpperCase() + problem.message.slice(1);
  const code = problem.status === 0 ? problem.code : `${problem.status} ${problem.code}`;
  return (
    <Callout words={{ title, detail: `${detail} (${code})`, remedies: wait(problem.retryAfterMs) }} testId="problem">
      {children}
    </Callout>
  );
}

function wait(retryAfterMs: number | undefined): string[] {
  return retryAfterMs === undefined ? [] : [`Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`];
}
