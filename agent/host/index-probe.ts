/**
 * Opens and walks an index in a child process. LevelDB answers some damage with an abort of the whole
 * process; here it takes a child along, and the agent makes the index again.
 */
import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ProbeVerdict =
  | { readonly healthy: true }
  | {
      readonly healthy: false;
      readonly reason: string;
      /** Another process has it open: it is not sick. */
      readonly locked?: boolean;
    };

/** Exit status of the child when it did not get the lock. */
export const lockedStatus = 3;

/** Beside this file, in whatever form this file runs. */
const childPath = fileURLToPath(
  new URL(`./index-probe-child${extname(import.meta.url)}`, import.meta.url),
);

/** Whether the index in `directory` opens, reads to its end and closes. */
export function probeIndex(
  directory: string,
  options: { readonly timeoutMs: number },
): Promise<ProbeVerdict> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', childPath, directory], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500);
    });
    child.on('error', (error) => {
      resolve({ healthy: false, reason: `the probe did not start: ${error.message}` });
    });
    child.on('close', (code, signal) => {
      const reason = reasonOf(code, signal, said);
      if (code === 0) resolve({ healthy: true });
      else if (code === lockedStatus) resolve({ healthy: false, reason, locked: true });
      else resolve({ healthy: false, reason });
    });
  });
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, said: string): string {
  const end = signal === null ? `exit ${String(code)}` : signal;
  const [firstLine = ''] = said.trim().split('\n');
  return firstLine === '' ? `the probe ended with ${end}` : `${end}: ${firstLine}`;
}
