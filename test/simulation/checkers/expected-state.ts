/**
 * The promises of the vault against what the clients know: every file that a device lists reads with
 * the right bytes on every device, nothing that was acknowledged is lost, and what was replaced or
 * removed by somebody who saw it stays away.
 */
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import { toVaultError } from '../../../protocol/errors.ts';
import type { Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import { getFile, listAll } from '../workload/calls.ts';
import { contentOf, identifiedBytesMin, writeOf } from '../workload/content.ts';
import type { Findings } from '../workload/findings.ts';
import type { Ledger } from '../workload/ledger.ts';
import { wrongIn } from '../workload/operations.ts';

const readAllMs = 600_000;

export async function checkExpectedState(
  { world, devices: all }: Pick<Cluster, 'world' | 'devices'>,
  ledger: Ledger,
  findings: Findings,
): Promise<void> {
  const devices = all.filter(({ mayRead }) => mayRead);
  const pictures = await world.run(
    'reading everything',
    Promise.all(devices.map((device) => readEverything(device, ledger, findings))),
    readAllMs,
  );
  for (const [index, picture] of pictures.entries()) {
    const name = devices[index]!.name;
    world.trace.note(name, `shows ${picture.listing}`);
    if (picture.listing !== pictures[0]!.listing) {
      findings.wrong(`${name} lists another tree than ${devices[0]!.name}`);
    }
    checkWrites(name, picture, ledger, findings);
  }
}

interface Picture {
  readonly listing: string;
  /** Versions and numbers of the writes that are shown. */
  readonly versions: ReadonlyMap<string, string>;
  readonly ids: ReadonlyMap<number, string>;
  /** Sizes of files without a header whose version nobody was told. */
  readonly nameless: readonly number[];
}

async function readEverything(
  device: Device,
  ledger: Ledger,
  findings: Findings,
): Promise<Picture> {
  const session = device.connect();
  const { client } = session;
  const entries = await listAll(client);
  const versions = new Map<string, string>();
  const ids = new Map<number, string>();
  const nameless: number[] = [];
  for (const { path: bytesOfPath, kind } of entries) {
    if (kind !== 'file') continue;
    const path = bytesOfPath.toString('latin1');
    try {
      const { entry, bytes } = await getFile(client, path);
      const wrong = wrongIn(ledger, entry, bytes);
      if (wrong !== undefined) findings.wrong(`${device.name}: in the end ${path}: ${wrong}`);
      if (entry.version !== undefined) versions.set(entry.version, path);
      const found = bytes.length < identifiedBytesMin ? undefined : writeOf(bytes);
      if (found !== undefined && 'id' in found) ids.set(found.id, path);
      if (found === undefined) nameless.push(bytes.length);
    } catch (error) {
      const { message } = toVaultError(error, 'sim.get');
      findings.wrong(`${device.name}: in the end ${path} does not read: ${message}`);
    }
  }
  session.close();
  return { listing: entries.map(lineOf).join('\n'), versions, ids, nameless };
}

function lineOf({ path, kind, size, version, mode, mtime }: Entry): string {
  const time = `${String(mtime.seconds)}.${String(mtime.nanoseconds)}`;
  return [path.toString('latin1'), kind, size, version ?? '', mode, time].join(' ');
}

function checkWrites(
  device: string,
  { versions, ids }: Picture,
  ledger: Ledger,
  findings: Findings,
): void {
  for (const write of ledger.writes) {
    const byVersion = write.version === undefined ? undefined : versions.get(write.version);
    const path = byVersion ?? ids.get(write.id);
    const name = `write #${String(write.id)} of ${write.device} (${[...write.paths].join(', ')})`;
    if (path === undefined && write.fate === 'acked' && write.mayBeGone === undefined) {
      findings.wrong(`${device}: ${name} was acknowledged and is lost`);
    }
    if (path !== undefined && write.mustBeGone !== undefined) {
      findings.wrong(`${device}: ${name} is back at ${path} after ${write.mustBeGone}`);
    }
  }
}

/** For the checker itself: what a write has to look like. */
export function bytesOf(ledger: Ledger, id: number): Buffer | undefined {
  const write = ledger.byId(id);
  return write === undefined ? undefined : contentOf(write.id, write.size);
}
