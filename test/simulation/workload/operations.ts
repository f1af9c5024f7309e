/**
 * Operations of users, each with what it may do to writes of others. The ledger learns before an
 * operation what it could replace or remove, and afterwards what it certainly did.
 */
import { isVaultError, toVaultError } from '../../../protocol/errors.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import type { Chance } from '../world/chance.ts';
import type { World } from '../world/world.ts';
import { getFile, listAll, putFiles } from './calls.ts';
import { contentOf, identifiedBytesMin, writeOf } from './content.ts';
import type { Desk } from './desk.ts';
import type { Findings } from './findings.ts';
import { isAtOrBelow, rowsOf, type Ledger, type Row, type Write } from './ledger.ts';

export interface Scene {
  readonly world: World;
  readonly ledger: Ledger;
  readonly findings: Findings;
  /** Changes on each device, by its name: under way, and begun so far. */
  readonly changes: Map<string, { running: number; begun: number }>;
}

/** What an operation does to files that are there. */
interface Effect {
  readonly name: string;
  /** Files at these paths may be gone afterwards. */
  readonly touches: (path: string) => boolean;
  /** When it succeeds, files at these paths are gone for certain. */
  readonly ends: (path: string) => boolean;
  /** What it stores itself. */
  readonly makes?: readonly Write[];
}

interface Outcome<T> {
  readonly result: T;
  /** Nothing else happened on this device meanwhile. */
  readonly alone: boolean;
  readonly after: readonly Row[];
}

/** Runs a change and keeps the ledger right. @throws what the agent answers */
async function change<T>(
  scene: Scene,
  desk: Desk,
  effect: Effect,
  run: (client: ReturnType<Desk['client']>) => Promise<T>,
): Promise<Outcome<T>> {
  const { ledger, world, findings } = scene;
  const { name } = desk.device;
  const client = desk.client();
  const before = rowsOf(await listAll(client));
  ledger.saw(before);
  const label = `${name}: ${effect.name}`;
  const victims = before.flatMap(({ path, version }) => {
    const write = effect.touches(path) ? ledger.of(version) : undefined;
    return write === undefined ? [] : [{ path, write }];
  });
  for (const { write } of victims) write.mayBeGone ??= label;
  const arrivals = desk.arrivals;
  const changes = changesOn(scene, name);
  const beside = changes.running;
  changes.running += 1;
  changes.begun += 1;
  const { begun } = changes;
  let result: T;
  try {
    result = await run(client);
  } catch (error) {
    world.trace.note(name, `${effect.name} failed: ${toVaultError(error, 'sim').code}`);
    excuseUnseen(scene, effect, before, label);
    throw error;
  } finally {
    changes.running -= 1;
  }
  world.trace.note(name, effect.name);
  findings.count(effect.name.split(' ')[0] ?? '');
  const after = rowsOf(await listAll(client));
  const alone = beside === 0 && changes.begun === begun && desk.arrivals === arrivals;
  if (!alone) excuseUnseen(scene, effect, before, label);
  else {
    for (const { path, write } of victims) if (effect.ends(path)) write.mustBeGone ??= label;
  }
  ledger.saw(after);
  return { result, alone, after };
}

function changesOn({ changes }: Scene, device: string): { running: number; begun: number } {
  const known = changes.get(device) ?? { running: 0, begun: 0 };
  changes.set(device, known);
  return known;
}

/** Writes that may have come to this device unseen, just before the change was made. */
function excuseUnseen(
  { ledger }: Scene,
  effect: Effect,
  before: readonly Row[],
  label: string,
): void {
  const seen = new Set(before.map(({ version }) => version));
  for (const write of ledger.writes) {
    if (write.version !== undefined && seen.has(write.version)) continue;
    if (effect.makes?.includes(write) === true) continue;
    if ([...write.paths].some((path) => effect.touches(path)))
      write.mayBeGone ??= `${label} (unseen)`;
  }
}

/** Stores one file. */
export async function put(
  scene: Scene,
  desk: Desk,
  what: { readonly path: string; readonly size: number; readonly pieceBytes: number },
): Promise<void> {
  await putMany(scene, desk, { files: [what], pieceBytes: what.pieceBytes });
}

/** Stores files with one call. */
export async function putMany(
  scene: Scene,
  desk: Desk,
  what: { readonly files: readonly { path: string; size: number }[]; readonly pieceBytes: number },
): Promise<void> {
  const { ledger, world, findings } = scene;
  const { name } = desk.device;
  const nowMs = world.clock.nowMs();
  const writes = what.files.map((file) => ledger.begin(name, { ...file, nowMs }));
  const paths = new Set(what.files.map(({ path }) => path));
  try {
    const effect: Effect = {
      name: `put ${[...paths].join(' ')} (${writes.map(({ id }) => `#${String(id)}`).join(' ')})`,
      touches: (path) => paths.has(path),
      ends: (path) => paths.has(path),
      makes: writes,
    };
    const files = what.files.map(({ path, size }, index) => {
      return { path, content: contentOf(writes[index]!.id, size) };
    });
    const pieceBytes = what.pieceBytes;
    const { result, alone, after } = await change(scene, desk, effect, (client) =>
      putFiles(client, files, { nowMs, pieceBytes }),
    );
    // Of several files the version is that of the one that was finished last, whichever it was.
    const version = writes.length === 1 ? result.version : undefined;
    for (const write of writes) ledger.acked(write, version);
    for (const [index, write] of writes.entries()) {
      const path = what.files[index]!.path;
      const row = after.find((each) => each.path === path);
      if (alone && row === undefined) findings.wrong(`${name}: ${path} was put and is not listed`);
      if (version !== undefined) {
        // Beside a version of a clock that is far ahead it may be the one with the suffix.
        const shown = after.some((each) => each.version === version);
        if (alone && !shown)
          findings.wrong(`${name}: ${path} was put and version ${version} is not shown`);
        continue;
      }
      const isOurs = alone && row !== undefined && ledger.of(row.version) === undefined;
      if (isOurs) ledger.acked(write, row.version);
      else write.mayBeGone ??= 'its version is not known';
    }
  } finally {
    for (const write of writes) if (write.fate === 'pending') write.fate = 'unknown';
  }
}

export async function makeDirectory(scene: Scene, desk: Desk, path: string): Promise<void> {
  const effect = { name: `mkdir ${path}`, touches: () => false, ends: () => false };
  await change(scene, desk, effect, (client) =>
    client.makeDirectory({ path: Buffer.from(path, 'latin1'), parents: true, mode: 0o755 }),
  );
}

export async function remove(scene: Scene, desk: Desk, path: string): Promise<void> {
  const below = (each: string): boolean => isAtOrBelow(each, path);
  const effect = { name: `rm ${path}`, touches: below, ends: below };
  await change(scene, desk, effect, (client) =>
    client.remove({ path: Buffer.from(path, 'latin1'), recursive: true, force: false }),
  );
}

export async function move(
  scene: Scene,
  desk: Desk,
  { source, destination }: { readonly source: string; readonly destination: string },
): Promise<void> {
  const there = (path: string): boolean => path === destination && source !== destination;
  const effect = { name: `mv ${source} ${destination}`, touches: there, ends: there };
  await change(scene, desk, effect, (client) =>
    client.move({
      source: Buffer.from(source, 'latin1'),
      destination: Buffer.from(destination, 'latin1'),
      noReplace: false,
    }),
  );
}

/** Reads a file that is listed, whole or in part, and judges what comes. */
export async function read(scene: Scene, desk: Desk, chance: Chance): Promise<void> {
  const { world, findings, ledger } = scene;
  const { name } = desk.device;
  const client = desk.client();
  const files = (await listAll(client)).filter(({ kind }) => kind === 'file');
  if (files.length === 0) return;
  const path = chance.pick(files).path.toString('latin1');
  const got = await getFile(client, path);
  const wrong = wrongIn(ledger, got.entry, got.bytes);
  if (wrong !== undefined) findings.wrong(`${name}: get ${path}: ${wrong}`);
  world.trace.note(name, `get ${path}`, [got.bytes]);
  findings.count('get');
  if (got.bytes.length < 2 || chance.happens(0.6)) return;
  await readPart(scene, desk, { path, whole: got.bytes, version: got.entry.version, chance });
}

async function readPart(
  { findings }: Scene,
  desk: Desk,
  what: { path: string; whole: Buffer; version: string | undefined; chance: Chance },
): Promise<void> {
  const { path, whole, chance } = what;
  const offset = chance.between(0, whole.length - 1);
  const length = chance.between(1, whole.length - offset);
  const part = await getFile(desk.client(), path, { offset, length });
  if (part.entry.version !== what.version) return;
  findings.count('get-part');
  if (part.bytes.equals(whole.subarray(offset, offset + length))) return;
  findings.wrong(
    `${desk.device.name}: get ${path} from ${String(offset)} is not what the whole says`,
  );
}

/** Why `bytes` are not the content of `entry`; undefined when they are. */
export function wrongIn(ledger: Ledger, entry: Entry, bytes: Buffer): string | undefined {
  if (bytes.length !== entry.size) return `${String(bytes.length)} bytes of ${String(entry.size)}`;
  const known = entry.version === undefined ? undefined : ledger.of(entry.version);
  if (known !== undefined) {
    return bytes.equals(contentOf(known.id, known.size))
      ? undefined
      : `not write #${String(known.id)}`;
  }
  if (bytes.length < identifiedBytesMin) {
    const possible = ledger.writes.some((each) => each.fate !== 'acked' && fits(each, bytes));
    return possible ? undefined : 'nobody wrote this';
  }
  const found = writeOf(bytes);
  if ('wrong' in found) return found.wrong;
  return ledger.byId(found.id)?.size === bytes.length ? undefined : 'nobody wrote this';
}

function fits(write: Write, bytes: Buffer): boolean {
  return write.size === bytes.length && bytes.equals(contentOf(write.id, write.size));
}

/** Errors that a user may meet in a world like this one; all others are faults of the agent. */
export function isExpected(error: unknown): boolean {
  return (
    isVaultError(error) &&
    !['internal', 'malformed', 'config-invalid', 'home-invalid', 'peer-misbehaved'].includes(
      error.code,
    )
  );
}
