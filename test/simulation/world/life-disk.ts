/**
 * The simulated disk as one life of a machine uses it: operations take virtual time, changes are noted
 * in the trace, and the control arms tamper with syncs here.
 */
import type { Disk, DiskFile } from '../../../agent/ports.ts';
import type { DiskCall } from './sim-disk.ts';
import type { Gate } from './life.ts';
import type { Machine } from './machine.ts';

export function openLifeDisk(machine: Machine, gate: Gate): Disk {
  const disk = machine.disk.boot();
  const { world, name } = machine;
  const noted = (call: DiskCall, path: string, bytes: readonly Uint8Array[] = []): void => {
    world.trace.note(name, `${call} ${path}`, bytes);
  };
  const timed = <T>(call: DiskCall, work: () => Promise<T>): Promise<T> =>
    gate(async () => {
      const delayMs = machine.diskDelayMs(call);
      if (delayMs > 0) await gate(() => world.sleep(delayMs));
      return work();
    });
  const fileOf = (path: string, file: DiskFile): DiskFile => ({
    read: (offset, length) => timed('read', () => file.read(offset, length)),
    readLent: (offset, length) => timed('read', () => file.readLent(offset, length)),
    write(offset, parts) {
      // The caller may use its bytes again when the promise is settled, not before.
      return timed('write', () => {
        noted('write', `${path} ${String(offset)}`, parts);
        return file.write(offset, parts);
      });
    },
    sync: () =>
      timed('sync', async () => {
        noted('sync', path);
        if (!machine.skipsSync(path)) await file.sync();
      }),
    truncate: (size) =>
      timed('truncate', () => {
        noted('truncate', `${path} ${String(size)}`);
        return file.truncate(size);
      }),
    size: () => timed('size', () => file.size()),
    close: () => timed('close', () => file.close()),
  });
  return {
    open: (path, mode, options) =>
      timed('open', async () => fileOf(path, await disk.open(path, mode, options))),
    list: (directory) => timed('list', () => disk.list(directory)),
    sizeOf: (path) => timed('sizeOf', () => disk.sizeOf(path)),
    makeDirectory: (path) => timed('makeDirectory', () => disk.makeDirectory(path)),
    rename: (source, target) =>
      timed('rename', () => {
        noted('rename', `${source} ${target}`);
        return disk.rename(source, target);
      }),
    remove: (path) =>
      timed('remove', () => {
        noted('remove', path);
        return disk.remove(path);
      }),
    syncDirectory: (directory) =>
      timed('syncDirectory', async () => {
        noted('syncDirectory', directory);
        if (!machine.skipsSync(`${directory}/`)) await disk.syncDirectory(directory);
      }),
    freeBytes: () => timed('freeBytes', () => disk.freeBytes()),
    totalBytes: () => timed('totalBytes', () => disk.totalBytes()),
  };
}
