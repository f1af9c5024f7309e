/**
 * `npm start`: the main job, end to end, with the real programs. Three devices in temporary homes on
 * this machine make one vault; a real folder goes in through the first and comes out of the third.
 * Prints what a person would want to see and ends with 0 only when every byte is the same.
 */
import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { compareFolders, copySources, measureFolder } from './folders.ts';
import { formatBytes, formatCount, formatRate, formatSeconds } from './format.ts';
import { Device, type DeviceStatus } from './device.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

const settleTimeoutMs = 120_000;

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Somebody wants it to end: nothing went wrong, and nothing is left behind. */
class Ended extends Error {}

async function main(argument: string | undefined): Promise<void> {
  const workspace = await makeWorkspace();
  const devices = ['laptop', 'nas', 'vps'].map((name) => new Device(name, workspace));
  let keep = false;
  try {
    keep = await Promise.race([demonstrate(devices, workspace, argument), untilEnded()]);
  } finally {
    if (!keep) {
      await Promise.all(devices.map((device) => device.stop()));
      await rm(workspace.root, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

/** @returns whether the devices go on running */
async function demonstrate(
  devices: readonly Device[],
  workspace: Workspace,
  argument: string | undefined,
): Promise<boolean> {
  const source = await chooseSource(argument, workspace);
  await assembleVault(devices);
  await storeAndReadBack(devices, source, workspace);
  return askToLeaveRunning(devices);
}

async function untilEnded(): Promise<never> {
  const { promise, resolve: end } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of endingSignals) process.once(signal, end);
  throw new Ended(await promise);
}

/** A folder that the caller named, or the project's own tracked files. */
async function chooseSource(argument: string | undefined, workspace: Workspace): Promise<string> {
  if (argument !== undefined) return resolve(argument);
  return copySources(workspace);
}

async function assembleVault(devices: readonly Device[]): Promise<void> {
  const [first, ...others] = devices;
  if (first === undefined) throw new Error('a vault needs a device');
  say('One vault, three devices on this machine');
  await first.init();
  await first.start();
  sayDevice(first, 'opened the vault');
  for (const device of others) {
    await device.join(await first.invite());
    await device.start();
    sayDevice(device, 'joined with a one-time ticket, over Noise');
  }
}

async function storeAndReadBack(
  devices: readonly Device[],
  source: string,
  workspace: Workspace,
): Promise<void> {
  const [first, , third] = devices;
  if (first === undefined || third === undefined) throw new Error('three devices are needed');
  const folder = await measureFolder(source);
  say(`\nStored through ${first.name}: ${source}`);
  const put = await timed(() => first.put(source, 'demo'));
  sayRow('files', `${formatCount(folder.files)} in ${formatCount(folder.directories)} directories`);
  sayRow('bytes', formatBytes(folder.bytes));
  sayRow(
    'time',
    `${formatSeconds(put.seconds)} until a power cut could not take it (${formatRate(folder.bytes, put.seconds)})`,
  );

  const settled = await timed(() => waitForCopies(devices));
  say('\nCopied to every device, encrypted');
  sayRow('copies', String(devices.length));
  sayRow(
    'time',
    `${formatSeconds(settled.seconds)} after the put (${formatRate(folder.bytes, put.seconds + settled.seconds)} in all)`,
  );
  for (const [index, status] of settled.value.entries()) {
    sayRow(
      devices[index]?.name ?? '',
      `${formatBytes(status.storedBytes)} on disk, tree ${status.treeHash?.slice(0, 16) ?? 'none'}`,
    );
  }

  say(`\nRead back through ${third.name}`);
  const get = await timed(() => third.get('demo', workspace.target));
  sayRow('time', `${formatSeconds(get.seconds)} (${formatRate(folder.bytes, get.seconds)})`);
  const differences = await compareFolders(source, workspace.target);
  if (differences.length > 0) {
    throw new Error(
      `what came back is not what went in:\n  ${differences.slice(0, 10).join('\n  ')}`,
    );
  }
  sayRow(
    'compared',
    `${formatCount(folder.files)} files: content, modes, times and links are the same`,
  );
}

/** Waits until all devices show the same tree and hold every chunk of it. */
async function waitForCopies(devices: readonly Device[]): Promise<readonly DeviceStatus[]> {
  const deadlineMs = Date.now() + settleTimeoutMs;
  for (;;) {
    const statuses = await Promise.all(devices.map((device) => device.status()));
    const trees = new Set(statuses.map(({ treeHash }) => treeHash));
    const complete = statuses.every(
      ({ behindBytes, behindOps }) => behindBytes === 0 && behindOps === 0,
    );
    if (trees.size === 1 && complete) return statuses;
    if (Date.now() > deadlineMs)
      throw new Error('the devices did not come to the same tree in time');
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function askToLeaveRunning(devices: readonly Device[]): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D say no.
  const answer = await terminal.question('\nLeave them running? [y/N] ').catch(() => '\n');
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) return false;
  for (const device of devices) await device.goOnAlone();
  for (const device of devices) say(`  VAULT_HOME=${device.home} npx vault status`);
  say('Stop one with: VAULT_HOME=… npx vaultd stop; all of it is in');
  say(`  ${dirname(dirname(devices[0]?.home ?? ''))}`);
  return true;
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const startMs = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - startMs) / 1000 };
}

function sayDevice(device: Device, what: string): void {
  say(
    `  ${device.name.padEnd(7)} ${device.id.slice(0, 8)}  ${device.listening.padEnd(16)} ${what}`,
  );
}

function sayRow(name: string, text: string): void {
  say(`  ${name.padEnd(9)} ${text}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await main(process.argv[2]);
  // A signal may have ended the wait for a program that still runs.
  process.exit(0);
} catch (error) {
  if (error instanceof Ended) process.exit(130);
  process.stderr.write(
    `demonstration failed: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
