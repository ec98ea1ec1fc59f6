/** The cost of the pipe to an instance in a process of its own: a part of its clients' waiting, beside which it is shown. */

import { ofKind } from "../history.ts";
import type { Judgement, Trial } from "../judgement.ts";
import { distributionOf } from "./distribution.ts";

/** None where the instances share the process of their clients. */
export function pipeMeasures({ history }: Trial): Judgement["measures"] {
  const pipe = distributionOf(ofKind(history, "pipe").map(({ took }) => took));
  if (pipe === null) return [];
  return [
    { name: "pipe_ms_p50", value: pipe.p50 },
    { name: "pipe_ms_p99", value: pipe.p99 },
    { name: "pipe_ms_max", value: pipe.max },
  ];
}
