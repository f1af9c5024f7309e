/**
 * A simulated file opened as `bulk` for writing: as earlier versions left real ones, which are still read, it
 * stands on the disk in whole blocks, with zeros behind what was written, until it is closed.
 */
import type { DiskFile } from '../../../agent/ports.ts';
import { store } from '../../../protocol/limits.ts';

/** @param end where the file ends now */
export function padded(file: DiskFile, end: number): DiskFile {
  const within = (offset: number, length: number): number =>
    Math.max(0, Math.min(length, end - offset));
  return {
    read: (offset, length) => file.read(offset, within(offset, length)),
    readLent: (offset, length) => file.readLent(offset, within(offset, length)),
    async write(offset, parts) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      const grown = bytes === 0 ? end : Math.max(end, offset + bytes);
      const isAppend = offset + bytes === grown;
      const padding = isAppend ? -grown & (store.diskBlockBytes - 1) : 0;
      await file.write(offset, [...parts, Buffer.alloc(padding)]);
      end = grown;
    },
    sync: () => file.sync(),
    async truncate(size) {
      await file.truncate(size);
      end = size;
    },
    size: () => Promise.resolve(end),
    async close() {
      await file.truncate(end).catch(() => undefined);
      await file.close();
    },
  };
}
