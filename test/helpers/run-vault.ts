/** Runs the real `vault` as a process of its own and gives what it said. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

const program = new URL('../../bin/vault', import.meta.url).pathname;

export interface VaultRun {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
  readonly outBytes: Buffer;
}

export interface VaultOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: Buffer | undefined;
  readonly cwd?: string | undefined;
  readonly onStart?: (child: ChildProcess) => void;
}

export function runVault(words: readonly string[], options: VaultOptions = {}): Promise<VaultRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.on('error', reject);
    child.on('close', (status) => {
      const outBytes = Buffer.concat(out);
      resolve({
        status,
        outBytes,
        out: outBytes.toString(),
        err: Buffer.concat(err).toString(),
      });
    });
    child.stdin.end(options.input);
    options.onStart?.(child);
  });
}
