/**
 * The Log port over pino: one JSON object a line, with the folder that wrote it in `in`. A secret is a
 * value of class `Secret`, which prints itself as such; nothing here has to know which field holds one.
 */
import { pino, destination } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { isVaultError } from '../../protocol/errors.ts';
import type { Log, LogFields } from '../ports.ts';
import { textOfLine } from './log-line.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'text';
}

export interface NodeLog {
  readonly log: Log;
  /** Writes what is still in memory, at once; to be called before the process ends. */
  flush(): void;
}

/** Lines wait in memory while nobody reads them, up to this; then new ones are dropped. */
const bufferBytesMax = 1024 * 1024;

/** A log to standard error. */
export function createNodeLog(options: LogOptions): NodeLog {
  // Asynchronous: a reader that is slow must not stop the event loop.
  const sink = destination({ fd: 2, sync: false, maxLength: bufferBytesMax });
  const flush = (): void => {
    sink.flushSync();
  };
  return { log: createLog(options, sink), flush };
}

/** A log to any stream of lines. */
export function createLog(options: LogOptions, sink: DestinationStream): Log {
  const lines = options.format === 'json' ? sink : asText(sink);
  return wrap(
    pino(
      {
        level: options.level,
        base: { pid: process.pid },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { err: serializeError, error: serializeError, cause: serializeError },
      },
      lines,
    ),
    '',
  );
}

function asText(sink: DestinationStream): DestinationStream {
  return {
    write(line) {
      sink.write(`${textOfLine(line.trimEnd())}\n`);
    },
  };
}

function wrap(logger: Logger, name: string): Log {
  return {
    debug: (fields, message) => {
      logger.debug(fields, message);
    },
    info: (fields, message) => {
      logger.info(fields, message);
    },
    warn: (fields, message) => {
      logger.warn(fields, message);
    },
    error: (fields, message) => {
      logger.error(fields, message);
    },
    child(part) {
      const full = name === '' ? part : `${name}.${part}`;
      return wrap(logger.child({ in: full }), full);
    },
  };
}

/** An error as fields; only our own fields and the stack, never whatever else hangs on the object. */
function serializeError(error: unknown): LogFields {
  if (isVaultError(error)) {
    const { code, op, subject, detail, next, stack } = error;
    return { code, op, subject, detail, next, stack, ...causeOf(error) };
  }
  if (error instanceof Error) {
    const code = 'code' in error ? String(error.code) : undefined;
    return {
      name: error.name,
      message: error.message,
      code,
      stack: error.stack,
      ...causeOf(error),
    };
  }
  return { message: String(error) };
}

function causeOf(error: Error): LogFields {
  return error.cause === undefined ? {} : { cause: serializeError(error.cause) };
}
