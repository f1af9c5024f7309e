/**
 * A worker thread of the pool: takes one job after the other. Started by `work-pool.ts` only.
 */
import { parentPort } from 'node:worker_threads';
import assert from 'node:assert/strict';
import { createJobRunner } from '../chunks/jobs-run.ts';
import { toVaultError } from '../../protocol/errors.ts';
import type { WorkError, WorkReply, WorkRequest } from './work-messages.ts';

assert(parentPort !== null, 'this file runs in a worker thread');
const port = parentPort;
const runner = createJobRunner();

port.on('message', (request: WorkRequest) => {
  void answer(request);
});

async function answer(request: WorkRequest): Promise<void> {
  try {
    const output = await runner.run(request.name, request.input);
    port.postMessage({ ok: true, output } satisfies WorkReply);
  } catch (error) {
    port.postMessage({ ok: false, error: plainError(error, request.name) } satisfies WorkReply);
  }
}

function plainError(thrown: unknown, name: string): WorkError {
  const { code, op, subject, detail, next } = toVaultError(thrown, `work.${name}`);
  return { code, op, subject, detail, next };
}
