/**
 * Runs the command line client as a process of its own: what reads and writes files of this machine is
 * written once, there. Its answer and its failure come as JSON.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VaultError, errorCodes, errorSentences } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/errors.ts';

const op = 'tui.vault';
/** More than any answer of a command that is run here. */
const answerCharactersMax = 4 * 1024 * 1024;

/**
 * @param words options that every command has, the command, its options and operands
 * @param input for its standard input; overwritten
 * @throws VaultError what it fails with, `cancelled`
 */
export async function runVault(
  words: readonly string[],
  signal: AbortSignal,
  input?: Buffer,
): Promise<unknown> {
  const { status, out, err } = await run(['--json', '--no-progress', ...words], signal, input);
  if (status !== 0) throw failureFrom(err, status);
  return parsed(out);
}

/**
 * What a command that only reads writes for people.
 * @throws VaultError what it fails with, `cancelled`
 */
export async function readVault(words: readonly string[], signal: AbortSignal): Promise<string> {
  const { status, out, err } = await run(['--no-progress', ...words], signal);
  if (status === 0 || out !== '') return out + err;
  // Why, in words that a program reads.
  await runVault(words, signal);
  throw new VaultError('internal', { op, detail: endedWith(status) ?? err.trim() });
}

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function run(words: readonly string[], signal: AbortSignal, input?: Buffer): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [programFile(), ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // It may end before it has read its input; that is its business.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '', () => void input?.fill(0));
    const out = gather(child.stdout);
    const err = gather(child.stderr);
    // As Ctrl-C would: it removes what it has half written.
    const stop = (): void => void child.kill('SIGINT');
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (cause) => {
      reject(new VaultError('internal', { op, detail: cause.message, cause }));
    });
    child.on('close', (status) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(new VaultError('cancelled', { op }));
      else resolve({ status, out: out(), err: err() });
    });
  });
}

/** The launcher of the package that this program is part of, built or not. */
function programFile(): string {
  const places = ['../../../bin/vault', '../../bin/vault'];
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return files.find((file) => existsSync(file)) ?? 'vault';
}

function gather(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    if (text.length < answerCharactersMax) text += piece;
  });
  return () => text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A command without an answer.
    return undefined;
  }
}

/** The last failure that was told: some items may have been told before it. */
function failureFrom(text: string, status: number | null): VaultError {
  const told = text
    .split('\n')
    .map((line) => parsed(line))
    .findLast((value) => typeof value === 'object' && value !== null && 'error' in value);
  const error = (told as { error?: Record<string, unknown> } | undefined)?.error ?? {};
  const word = (name: string) => (typeof error[name] === 'string' ? error[name] : undefined);
  const code = word('code');
  const known = code !== undefined && code in errorCodes ? (code as ErrorCode) : 'internal';
  return new VaultError(known, {
    op,
    subject: word('subject'),
    detail: detailOf(word('message'), known, word('subject')) ?? endedWith(status),
    next: word('next'),
  });
}

function endedWith(status: number | null): string | undefined {
  return status === null ? 'it was killed' : undefined;
}

/** Of `SUBJECT: SENTENCE (DETAIL)`, the part that the code and the subject do not say. */
function detailOf(
  message: string | undefined,
  code: ErrorCode,
  subject: string | undefined,
): string | undefined {
  const head = `${subject === undefined ? '' : `${subject}: `}${errorSentences[code]} (`;
  if (message?.startsWith(head) !== true) return undefined;
  return message.slice(head.length, -1);
}
