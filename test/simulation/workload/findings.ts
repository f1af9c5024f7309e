/** What a run found to be wrong, and what it counted. */
export class Findings {
  readonly violations: string[] = [];
  readonly counts = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  wrong(what: string): void {
    this.violations.push(`at ${String(this.#nowMs())}: ${what}`);
  }

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }
}
