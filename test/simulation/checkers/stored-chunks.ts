/**
 * What lies on the disks of honest devices: every chunk is the one that its id says, whoever sent it, and
 * a device that has no key for content has none of it in the clear. Only what a power cut tore, before it was
 * synced, may be another one, and then the device knows it.
 */
import type { DiskFile } from '../../../agent/ports.ts';
import { quarantineListPath } from '../../../agent/store/paths.ts';
import { scanRecords } from '../../../agent/store/record-scan.ts';
import { fileHeaderBytes } from '../../../agent/store/file-header.ts';
import type { Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import type { Findings } from '../workload/findings.ts';

/** Names of directories and beginnings of contents that users of the simulation write. */
const secrets = ['shared', 'write 1', 'write 2'].map((text) => Buffer.from(text));

export async function checkStoredChunks({ devices }: Cluster, findings: Findings): Promise<void> {
  for (const device of devices) {
    for (const path of device.machine.disk.paths) {
      const bytes = device.machine.disk.peek(path);
      if (bytes === undefined) continue;
      if (/^segments\/.*\.seg$/.test(path)) await checkSegment(device, path, bytes, findings);
      if (device.mayRead) continue;
      const secret = secrets.find((each) => bytes.includes(each));
      if (secret === undefined) continue;
      findings.wrong(`${device.name} is blind and has '${secret.toString()}' in ${path}`);
    }
  }
}

async function checkSegment(
  { name, machine: { disk } }: Device,
  path: string,
  bytes: Buffer,
  findings: Findings,
): Promise<void> {
  const setAside = await placesSetAside(disk.peek(quarantineListPath));
  const whole = { from: fileHeaderBytes, to: bytes.length, bodies: true };
  for await (const found of scanRecords(fileOf(bytes), whole)) {
    // A record that is not whole has no header; an open segment ends in zeros.
    if (found.type !== 'bad' || found.header === undefined) continue;
    if (disk.hasLost(path, found) && setAside.has(placeOf({ file: path, ...found }))) continue;
    findings.wrong(`${name}: ${path} has a wrong chunk at ${String(found.offset)}`);
  }
}

/** Records that the device has found to be damaged. */
async function placesSetAside(list: Buffer | undefined): Promise<ReadonlySet<string>> {
  const places = new Set<string>();
  if (list === undefined) return places;
  const whole = { from: fileHeaderBytes, to: list.length, bodies: true };
  for await (const found of scanRecords(fileOf(list), whole)) {
    if (found.type !== 'record') continue;
    places.add(placeOf(JSON.parse(found.body.toString('utf8')) as Place));
  }
  return places;
}

interface Place {
  readonly file: string;
  readonly offset: number;
}

function placeOf({ file, offset }: Place): string {
  return `${file}:${String(offset)}`;
}

/** Only what a scan reads. */
function fileOf(bytes: Buffer): DiskFile {
  const read = (offset: number, length: number): Promise<Buffer> =>
    Promise.resolve(bytes.subarray(offset, offset + length));
  return { read } as DiskFile;
}
