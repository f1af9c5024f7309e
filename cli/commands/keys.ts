/** `vault unlock`, `lock`, `passphrase …`, `keys backup`: the keys of this device at rest. */
import { open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockReport } from '../../protocol/control/key-reports.ts';
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { connectTo } from '../agent/place.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { localError } from '../local/local-error.ts';
import { newPassphraseOf, passphraseOf } from '../local/passphrase.ts';
import { text } from '../parse/command-line.ts';

const lockWaitMs = 20_000;
const lockRetryMs = 100;

export const unlock: Handler = async (invocation) => {
  const { line, client } = invocation;
  const file = text(line, 'passphrase-file');
  const agent = await client();
  const passphrase = await passphraseOf(file, 'Passphrase of the keys: ');
  try {
    return show(invocation, await agent.unlock({ passphrase }), 'the keys are unlocked');
  } finally {
    passphrase.fill(0);
  }
};

export const lock: Handler = async (invocation) => {
  const report = await (await invocation.client()).lock();
  await untilLocked(invocation);
  return show(invocation, report, 'the keys are locked');
};

export const passphraseSet: Handler = async (invocation) => {
  const { line, client } = invocation;
  const agent = await client();
  const next = await newPassphraseOf(text(line, 'passphrase-file'));
  const report = await agent.passphrase({ change: 'set', next });
  next.fill(0);
  return show(invocation, report, 'a passphrase protects the keys');
};

export const passphraseChange: Handler = async (invocation) => {
  const { line, client } = invocation;
  const agent = await client();
  const current = await passphraseOf(text(line, 'passphrase-file'), 'Present passphrase: ');
  const next = await newPassphraseOf(text(line, 'new-passphrase-file'));
  const report = await agent.passphrase({ change: 'change', current, next });
  for (const bytes of [current, next]) bytes.fill(0);
  return show(invocation, report, 'another passphrase protects the keys');
};

export const passphraseRemove: Handler = async (invocation) => {
  const { line, client } = invocation;
  const agent = await client();
  const current = await passphraseOf(text(line, 'passphrase-file'), 'Present passphrase: ');
  const report = await agent.passphrase({ change: 'remove', current });
  current.fill(0);
  return show(invocation, report, 'no passphrase protects the keys any more');
};

export const keysBackup: Handler = async ({ line, output, client }) => {
  const agent = await client();
  const path = line.operands[0] ?? '';
  const target = await openNew(path);
  try {
    const passphrase = await passphraseOf(
      text(line, 'passphrase-file'),
      'Passphrase of the backup: ',
    );
    const { backup, ...report } = await agent.keysBackup({ passphrase });
    passphrase.fill(0);
    await target.write(Buffer.from(backup, 'base64'));
    if (output.json) output.value({ ...report, file: path });
    else {
      const owner = report.owner ? ", with the owner's key" : '';
      output.note(escapeText(`the keys of ${report.name} are in ${path}${owner}`));
    }
    return 0;
  } catch (error) {
    await target.undo();
    throw error;
  }
};

function show({ output }: Invocation, report: LockReport, note: string): 0 {
  if (output.json) output.value(report);
  else output.note(note);
  return 0;
}

/** The agent that had the keys ends after its answer; whoever asks next is to find the one without. */
async function untilLocked(invocation: Invocation): Promise<void> {
  const endMs = performance.now() + lockWaitMs;
  while (performance.now() < endMs) {
    if (await isLocked(invocation)) return;
    await sleep(lockRetryMs, undefined, { signal: invocation.signal });
  }
  throw new VaultError('timeout', {
    op: 'cli.lock',
    subject: 'the agent',
    detail: 'it has not come back without keys',
    next: 'vaultd status says whether it runs',
  });
}

async function isLocked({ line, signal }: Invocation): Promise<boolean> {
  try {
    const { client, close } = await connectTo(line, signal);
    try {
      return (await client.status()).reasons.some(({ code }) => code === 'locked');
    } finally {
      close();
    }
  } catch (error) {
    // Between the two agents nobody listens.
    if (isVaultError(error, 'no-agent', 'closed')) return false;
    throw error;
  }
}

/** Made at once, so that a path that does not work costs no passphrase. */
async function openNew(path: string) {
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw localError('cli.keysBackup', path, cause);
  });
  return {
    async write(bytes: Buffer): Promise<void> {
      await file.writeFile(bytes);
      await file.sync();
      await file.close();
    },
    async undo(): Promise<void> {
      await file.close();
      await rm(path, { force: true });
    },
  };
}
