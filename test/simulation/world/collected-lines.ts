/** The Log port of a simulated machine: the newest lines, formatted only when somebody asks. */
import { inspect } from 'node:util';
import type { Log, LogFields } from '../../../agent/ports.ts';

const linesMax = 400;

interface Line {
  readonly atMs: number;
  readonly level: string;
  readonly name: string;
  readonly fields: LogFields;
  readonly message: string;
}

export class CollectedLines {
  readonly #nowMs: () => number;
  readonly #lines: Line[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  log(name: string): Log {
    const at =
      (level: string) =>
      (fields: LogFields, message: string): void => {
        this.#lines.push({ atMs: this.#nowMs(), level, name, fields, message });
        if (this.#lines.length > 2 * linesMax) this.#lines.splice(0, linesMax);
      };
    return {
      debug: () => undefined,
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (child) => this.log(`${name}/${child}`),
    };
  }

  text(): readonly string[] {
    return this.#lines.map(({ atMs, level, name, fields, message }) => {
      const shown = inspect(fields, { breakLength: Infinity, depth: 2 }).slice(0, 400);
      return `${String(atMs)} ${level} ${name}: ${message} ${shown}`;
    });
  }
}
