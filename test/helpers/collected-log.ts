/** A log that keeps its lines, through the same pino that the product writes with. */
import { createLog } from '../../agent/host/pino-log.ts';
import type { LogOptions } from '../../agent/host/pino-log.ts';
import type { Log } from '../../agent/ports.ts';

export interface CollectedLog {
  readonly log: Log;
  /** As they would stand in the file. */
  readonly lines: readonly string[];
  /** The messages alone. */
  messages(): string[];
}

export function createCollectedLog(options: Partial<LogOptions> = {}): CollectedLog {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line) };
  return {
    log: createLog({ level: 'debug', format: 'json', ...options }, sink),
    lines,
    messages: () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
  };
}
