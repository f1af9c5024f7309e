/**
 * What lies on the disks of honest devices: every chunk is the one that its id says, whoever sent it, and
 * a device that has no key for content has none of it in the clear.
 */
import type { DiskFile } from '../../../agent/ports.ts';
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
  { name }: Device,
  path: string,
  bytes: Buffer,
  findings: Findings,
): Promise<void> {
  const whole = { from: fileHeaderBytes, to: bytes.length, bodies: true };
  for await (const found of scanRecords(fileOf(bytes), whole)) {
    // A record that is not whole has no header; an open segment ends in zeros.
    if (found.type !== 'bad' || found.header === undefined) continue;
    findings.wrong(`${name}: ${path} has a wrong chunk at ${String(found.offset)}`);
  }
}

/** Only what a scan reads. */
function fileOf(bytes: Buffer): DiskFile {
  const read = (offset: number, length: number): Promise<Buffer> =>
    Promise.resolve(bytes.subarray(offset, offset + length));
  return { read } as DiskFile;
}
