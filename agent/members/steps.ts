/**
 * Long work that may be interrupted: it yields where a pause does no harm. Whether it is done at once or with
 * pauses, it gives the same.
 */
export type Steps<Result> = Generator<undefined, Result, undefined>;

export function atOnce<Result>(work: Steps<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
