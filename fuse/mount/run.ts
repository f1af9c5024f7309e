/** Runs one of the system's programs to its end. */
import { spawn } from 'node:child_process';

export interface Ended {
  /** undefined: there is no such program. */
  readonly status: number | null | undefined;
  /** What it said, in one line. */
  readonly errors: string;
}

/** @param options.descriptor becomes the program's descriptor 3 */
export function run(
  program: string,
  words: readonly string[],
  { descriptor }: { readonly descriptor?: number } = {},
): Promise<Ended> {
  const stdio = [
    'ignore',
    'ignore',
    'pipe',
    ...(descriptor === undefined ? [] : [descriptor]),
  ] as const;
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: [...stdio],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let errors = '';
    child.stderr?.on('data', (piece: Buffer) => {
      errors = (errors + piece.toString()).slice(-1000);
    });
    child.on('error', ({ message }) => {
      resolve({ status: undefined, errors: message });
    });
    child.on('close', (status) => {
      resolve({ status, errors: errors.trim().replaceAll('\n', '; ') });
    });
  });
}
