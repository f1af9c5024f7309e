/**
 * Histories of restored backups from seeds: users write, links break, homes come back from old backups
 * and go on, and in the end everything that was acknowledged and ever left its device is shown on all.
 */
import type { BranchRow, JournalRow } from '../../../protocol/control/reports.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { waitForConvergence } from '../checkers/convergence.ts';
import { restoreBackup, takeBackup, type Backup } from '../world/backup.ts';
import type { Chance } from '../world/chance.ts';
import { startCluster, type Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import { World } from '../world/world.ts';
import { getFile, listAll, putFiles } from './calls.ts';
import { Findings } from './findings.ts';

export interface RestoresOptions {
  readonly seed: string;
  readonly devices: number;
  readonly steps: number;
  /** Control arm: nobody names a branch. */
  readonly withoutChoice?: boolean;
}

export interface RestoresReport {
  readonly violations: readonly string[];
  readonly restored: number;
  readonly forked: number;
  readonly chosen: number;
}

interface Play {
  readonly cluster: Cluster;
  readonly chance: Chance;
  readonly findings: Findings;
  /** Texts that were acknowledged, by whom, and in which of its lives. */
  readonly texts: Map<string, Device>;
  readonly backups: Map<Device, { readonly backup: Backup; readonly texts: ReadonlySet<string> }>;
  restored: number;
  written: number;
}

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };
const choicesMax = 30;

export async function playRestores(asked: RestoresOptions): Promise<RestoresReport> {
  const world = new World({ seed: asked.seed });
  const cluster = await startCluster(world, { devices: asked.devices });
  const findings = new Findings(() => world.clock.monotonicMs());
  const chance = world.chance.fork('restores');
  const play: Play = {
    ...{ cluster, chance, findings },
    texts: new Map(),
    backups: new Map(),
    restored: 0,
    written: 0,
  };
  for (let step = 0; step < asked.steps; step += 1) await takeStep(play);
  world.network.heal();
  await waitForConvergence(cluster, findings);
  const forked = (await forkedRows(play)).length;
  const chosen = asked.withoutChoice === true ? 0 : await chooseAll(play);
  await waitForConvergence(cluster, findings);
  await checkTexts(play);
  return { violations: findings.violations, restored: play.restored, forked, chosen };
}

async function takeStep(play: Play): Promise<void> {
  const { cluster, chance } = play;
  const { world, devices } = cluster;
  const device = chance.pick(devices);
  const kind = chance.weighted({ write: 10, wait: 4, part: 3, heal: 3, backup: 4, restore: 4 });
  if (kind === 'write') await write(play, device);
  else if (kind === 'wait') await world.clock.advance(chance.skewed(100, 40_000));
  else if (kind === 'part') world.network.partition(device.name, chance.pick(devices).name);
  else if (kind === 'heal') world.network.heal();
  else if (kind === 'backup') await backUp(play, device);
  else await restore(play, device);
}

/** A file of its own, or a new version of one that everybody writes. */
async function write(play: Play, device: Device): Promise<void> {
  const { cluster, chance, texts } = play;
  play.written += 1;
  const text = `text ${String(play.written)} of ${device.name}`;
  const path = chance.happens(0.3) ? 'shared' : `file ${String(play.written)}`;
  const before = path === 'shared' ? await sharedTexts(play) : [];
  const file = { path, content: Buffer.from(text) };
  const putting = putFiles(device.connect().client, [file], options);
  await cluster.world.run('put', putting, 60_000);
  texts.set(text, device);
  if (before.length === 0) return;
  // Whoever writes replaces what is shown there, which may have come a moment before.
  const after = new Set((await textsOn(play, device)).values());
  for (const each of before) if (!after.has(each)) texts.delete(each);
}

/** What stands under the name that all write. */
async function sharedTexts(play: Play): Promise<readonly string[]> {
  const pictures = await Promise.all(play.cluster.devices.map((device) => textsOn(play, device)));
  return pictures.flatMap((shown) => shown.get('shared') ?? []);
}

async function backUp(play: Play, device: Device): Promise<void> {
  const { cluster, backups } = play;
  const { world } = cluster;
  const texts = new Set((await textsOn(play, device)).values());
  await world.run('stopping', device.stop(), 60_000);
  backups.set(device, { backup: takeBackup(device), texts });
  await world.run('starting', device.start(), 60_000);
}

/** What only this device shows and its backup has not is lost with the old disk: no promise covers it. */
async function restore(play: Play, device: Device): Promise<void> {
  const { cluster, backups, texts } = play;
  const { world, devices } = cluster;
  const kept = backups.get(device);
  if (kept === undefined) return;
  const others = devices.filter((other) => other !== device);
  const seen = await Promise.all(others.map((other) => textsOn(play, other)));
  const left = new Set([...kept.texts, ...seen.flatMap((shown) => [...shown.values()])]);
  for (const text of texts.keys()) if (!left.has(text)) texts.delete(text);
  await world.run('stopping', device.stop(), 60_000);
  await restoreBackup(device, kept.backup);
  for (const other of others) world.network.partition(device.name, other.name);
  await world.run('starting', device.start(), 60_000);
  play.restored += 1;
  if (play.chance.happens(0.8)) await write(play, device);
  if (play.chance.happens(0.5)) world.network.heal();
}

/** An admin names branches until none is asked for: those that were not issued again. */
async function chooseAll(play: Play): Promise<number> {
  const { findings } = play;
  for (let count = 0; count < choicesMax; count += 1) {
    const [row] = await forkedRows(play);
    if (row === undefined) return count;
    const here = row.branches.filter((each) => each.sequence === row.forkedAt && each.here);
    const foreign = here.filter(({ reissued }) => !reissued);
    const [wanted = here[0], ...others] = foreign;
    if (wanted === undefined) {
      findings.wrong(`no branch of ${row.journal} is here`);
      return count;
    }
    const aside = new Set<string>();
    for (const other of others) for (const text of await choose(play, row, other)) aside.add(text);
    const shown = await choose(play, row, wanted);
    // A home that came back twice has left two branches behind, and only one of them can count.
    for (const text of aside) if (!shown.has(text)) play.texts.delete(text);
  }
  findings.wrong('choosing does not end');
  return choicesMax;
}

/** @returns what is shown then */
async function choose(
  play: Play,
  { journal }: JournalRow,
  { sequence, hash }: BranchRow,
): Promise<ReadonlySet<string>> {
  const { cluster, chance, findings } = play;
  const device = chance.pick(cluster.devices);
  const choosing = device.connect().client.journalChoose({ journal, sequence, hash });
  await cluster.world.run('choosing', choosing, 60_000);
  await cluster.world.clock.advance(20_000);
  await waitForConvergence(cluster, findings);
  return new Set((await textsOn(play, device)).values());
}

/** As the device sees it that knows most of them. */
async function forkedRows({ cluster }: Play): Promise<readonly JournalRow[]> {
  const { world, devices } = cluster;
  const all = await world.run(
    'journals',
    Promise.all(devices.map((device) => device.connect().client.journals())),
    60_000,
  );
  const forked = all.map((rows) => rows.filter(({ state }) => state === 'forked'));
  return forked.toSorted((a, b) => b.length - a.length)[0] ?? [];
}

async function checkTexts(play: Play): Promise<void> {
  const { cluster, findings, texts } = play;
  for (const device of cluster.devices) {
    const shown = new Set((await textsOn(play, device)).values());
    for (const [text, author] of texts) {
      if (shown.has(text)) continue;
      findings.wrong(`${device.name} does not show "${text}" of ${author.name}`);
    }
  }
}

/** By path. */
async function textsOn({ cluster }: Play, device: Device): Promise<ReadonlyMap<string, string>> {
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    const { client } = device.connect();
    const texts = new Map<string, string>();
    for (const { path, kind } of await listAll(client)) {
      if (kind !== 'file') continue;
      const name = path.toString();
      try {
        texts.set(name, (await getFile(client, name)).bytes.toString());
      } catch (error) {
        // A fork may have hidden it since it was listed.
        if (!isVaultError(error, 'not-found')) throw error;
      }
    }
    return texts;
  };
  return cluster.world.run('reading', read(), 120_000);
}
