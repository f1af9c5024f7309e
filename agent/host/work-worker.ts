/**
 * A worker thread of the pool: takes one job after the other. Started by `work-pool.ts` only.
 */
import { parentPort } from 'node:worker_threads';
import assert from 'node:assert/strict';
import { createJobRunner } from '../chunks/jobs-run.ts';
import { useSegmentCipher } from '../chunks/segment-cipher.ts';
import { toVaultError } from '../../protocol/errors.ts';
import { loadOpensslCipher } from './openssl-cipher.ts';
import type { WorkError, WorkReply, WorkRequest } from './work-messages.ts';

assert(parentPort !== null, 'this file runs in a worker thread');
const port = parentPort;
const runner = createJobRunner();
/**
 * After so many jobs, of a MiB or two each, the faster cipher is worth its start: it takes 20 ms of a
 * thread, and half a millisecond less for each MiB from then on.
 */
const jobsBeforeFaster = 16;
let jobs = 0;

port.on('message', (request: WorkRequest) => {
  void answer(request);
});

async function answer(request: WorkRequest): Promise<void> {
  try {
    const output = await runner.run(request.name, request.input);
    port.postMessage({ ok: true, output } satisfies WorkReply);
    jobs += 1;
    if (jobs === jobsBeforeFaster) await useFasterCipher();
  } catch (error) {
    port.postMessage({ ok: false, error: plainError(error, request.name) } satisfies WorkReply);
  }
}

async function useFasterCipher(): Promise<void> {
  const cipher = await loadOpensslCipher();
  if (cipher !== undefined) useSegmentCipher(cipher);
}

function plainError(thrown: unknown, name: string): WorkError {
  const { code, op, subject, detail, next } = toVaultError(thrown, `work.${name}`);
  return { code, op, subject, detail, next };
}
