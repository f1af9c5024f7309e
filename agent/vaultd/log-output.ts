/**
 * Where the log lines of supervisor and agent go: detached into the file of the home, else to standard
 * error; at a terminal so that a person can read them.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { homeFiles } from '../home/layout.ts';
import { createNodeClock } from '../host/node-clock.ts';
import { openRotatingFile } from '../host/rotating-file.ts';
import type { RotatingFile } from '../host/rotating-file.ts';
import { createTerminalLog } from './terminal-log.ts';

export interface LogOutput {
  /** How lines have to be when they are written here. */
  readonly logFormat: 'json' | 'text';
  write(bytes: Uint8Array | string): void;
  /** The first agent is ready. */
  started(): void;
  close(): void;
}

export interface OutputOptions {
  readonly home: string;
  readonly config: Config;
  readonly detached: boolean;
}

export function openOutput({ home, config, detached }: OutputOptions): LogOutput {
  const path = join(home, homeFiles.log);
  const bytesMax = config.value('log.file-bytes-max');
  if (detached) return { ...inFormat(config), ...openRotatingFile(path, bytesMax) };
  if (!onTerminal()) {
    return { ...inFormat(config), write: toStandardError, close: () => undefined };
  }
  return openTerminalOutput(config, openWhenNeeded(path, bytesMax));
}

/** Whether a person reads along. Node leaves `isTTY` away where there is no terminal. */
export function onTerminal(): boolean {
  return (process.stderr as { readonly isTTY?: boolean }).isTTY === true;
}

function openTerminalOutput(config: Config, file: KeptFile): LogOutput {
  const log = createTerminalLog({
    clock: createNodeClock(),
    format: config.value('log.format') === 'json' ? 'json' : 'text',
    show: toStandardError,
    keep: file.write,
  });
  return {
    ...log,
    logFormat: 'json',
    close() {
      log.close();
      file.close();
    },
  };
}

/** `auto` means text at a terminal only. */
function inFormat(config: Config): Pick<LogOutput, 'logFormat' | 'started'> {
  const logFormat = config.value('log.format') === 'text' ? 'text' : 'json';
  return { logFormat, started: () => undefined };
}

function toStandardError(bytes: Uint8Array | string): void {
  process.stderr.write(bytes);
}

type KeptFile = Pick<RotatingFile, 'write' | 'close'>;

/** Opened with the first line. Where it cannot be, lines are dropped: the error itself is shown. */
function openWhenNeeded(path: string, bytesMax: number): KeptFile {
  let file: KeptFile | undefined;
  return {
    write(bytes) {
      file ??= openOrDrop(path, bytesMax);
      file.write(bytes);
    },
    close() {
      file?.close();
    },
  };
}

function openOrDrop(path: string, bytesMax: number): KeptFile {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openRotatingFile(path, bytesMax);
  } catch {
    return { write: () => undefined, close: () => undefined };
  }
}
