/**
 * Changed and invented inputs for everything that takes bytes from outside: a million for each decoder, or
 * as many as there is time for. Two processes share the work; one that says nothing for long hangs in the
 * decoder that it was given, and one that dies was killed by it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { allDecoders } from '../helpers/decoders.ts';
import type { Round, RoundReport } from './decoders-child.ts';

export interface DecoderOptions {
  readonly seed: number;
  /** Without it every decoder gets one round of inputs. */
  readonly minutes?: number | undefined;
  /** @default 1,000,000 */
  readonly inputsMax?: number;
  readonly say?: (line: string) => void;
}

export interface DecoderReport {
  readonly summary: string;
  readonly problems: readonly string[];
  readonly failedSeed: number | undefined;
}

interface Sum {
  readonly name: string;
  inputs: number;
  accepted: number;
  tookMs: number;
  slowestMs: number;
  allocatedBytesMax: number;
}

const processes = 2;
const roundInputs = 20_000;
/** A round takes seconds where a decoder is slow. */
const silenceMs = 120_000;
const child = fileURLToPath(new URL('decoders-child.ts', import.meta.url));

export async function runDecoders(options: DecoderOptions): Promise<DecoderReport> {
  const { inputsMax = 1_000_000, say = () => undefined } = options;
  const names = (await allDecoders()).map(({ name }) => name);
  const run = new DecoderRun(names, { ...options, inputsMax });
  await Promise.all(Array.from({ length: processes }, () => run.work()));
  for (const line of run.table()) say(line);
  return run.report();
}

class DecoderRun {
  readonly #sums: readonly Sum[];
  readonly #options: DecoderOptions & { readonly inputsMax: number };
  readonly #endMs: number;
  readonly #problems: string[] = [];
  #failedSeed: number | undefined;
  #next = 0;

  constructor(names: readonly string[], options: DecoderOptions & { readonly inputsMax: number }) {
    this.#options = options;
    this.#endMs = performance.now() + (options.minutes ?? 0) * 60_000;
    this.#sums = names.map((name) => ({
      name,
      inputs: 0,
      accepted: 0,
      tookMs: 0,
      slowestMs: 0,
      allocatedBytesMax: -Infinity,
    }));
  }

  /** One process, until there is nothing left to do. */
  async work(): Promise<void> {
    const worker = fork(child, {
      execArgv: ['--disallow-code-generation-from-strings'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    try {
      for (let round = this.#take(); round !== undefined; round = this.#take()) {
        this.#count(round, await answerOf(worker, round));
      }
    } finally {
      worker.kill('SIGKILL');
    }
  }

  /** A line for each decoder, the slowest first. */
  table(): string[] {
    return this.#sums
      .toSorted((a, b) => b.tookMs / b.inputs - a.tookMs / a.inputs)
      .map(({ name, inputs, accepted, tookMs, slowestMs, allocatedBytesMax }) =>
        [
          `  ${name.padEnd(34)} ${String(inputs)} inputs (${String(accepted)} well-formed)`,
          `${(inputs / tookMs).toFixed(0)} thousand/s`,
          `slowest ${slowestMs.toFixed(1)} ms`,
          `${(allocatedBytesMax / 1024).toFixed(0)} KiB beyond its input`,
        ].join(', '),
      );
  }

  report(): DecoderReport {
    const least = Math.min(...this.#sums.map(({ inputs }) => inputs));
    const slowestMs = Math.max(...this.#sums.map((sum) => sum.slowestMs));
    const seconds = this.#sums.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1000;
    const summary = `${String(this.#sums.length)} decoders, ${String(least)} inputs each at least, ${seconds.toFixed(0)} s of work, the slowest ${slowestMs.toFixed(1)} ms`;
    return { summary, problems: this.#problems, failedSeed: this.#failedSeed };
  }

  /** All decoders get their first round before any gets its second. */
  #take(): Round | undefined {
    const { seed, inputsMax, say } = this.#options;
    const decoders = this.#sums.length;
    const number = Math.floor(this.#next / decoders);
    const left = inputsMax - number * roundInputs;
    const isOver = number > 0 && performance.now() >= this.#endMs;
    if (this.#problems.length > 0 || left <= 0 || isOver) return undefined;
    const decoder = this.#next % decoders;
    if (decoder === 0 && number > 0) say?.(`${String(number * roundInputs)} inputs each`);
    this.#next += 1;
    return { decoder, seed: seed + number, inputs: Math.min(roundInputs, left) };
  }

  #count(round: Round, report: RoundReport | string): void {
    const sum = this.#sums[round.decoder];
    if (sum === undefined) return;
    const problems = typeof report === 'string' ? [`${sum.name} ${report}`] : report.problems;
    if (problems.length > 0) {
      this.#problems.push(...problems);
      this.#failedSeed ??= round.seed;
    }
    if (typeof report === 'string') return;
    sum.inputs += report.inputs;
    sum.accepted += report.accepted;
    sum.tookMs += report.tookMs;
    sum.slowestMs = Math.max(sum.slowestMs, report.slowestMs);
    sum.allocatedBytesMax = Math.max(sum.allocatedBytesMax, report.allocatedBytesMax);
  }
}

/** What the process found, or what became of it. */
async function answerOf(worker: ChildProcess, round: Round): Promise<RoundReport | string> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(silenceMs)]);
  const answer = once(worker, 'message', { signal }).then(
    ([report]) => report as RoundReport,
    () => `hangs: it has said nothing for ${String(silenceMs / 1000)} s`,
  );
  const death = once(worker, 'exit', { signal }).then(
    ([code, cause]) => `ended its process: ${String(code ?? cause)}`,
    () => answer,
  );
  worker.send(round);
  try {
    return await Promise.race([answer, death]);
  } finally {
    over.abort();
  }
}
