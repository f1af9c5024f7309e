/** The Scratch of the file system in memory: what was appended is there for the next one, as after a kill. */
import type { RecordPlace, Scratch, ScratchFile } from '../../fuse/operations/port.ts';

export interface MemoryScratch extends Scratch {
  readonly files: Map<string, Buffer[]>;
}

/** @param isDead of an agent that was killed: nothing that it still does has an effect, or an end */
export function memoryScratch(
  files = new Map<string, Buffer[]>(),
  isDead: () => boolean = () => false,
): MemoryScratch {
  const existing = (name: string, isShared = false): ScratchFile => ({
    name,
    isShared,
    get bytes() {
      return (files.get(name) ?? []).reduce((sum, { length }) => sum + length, 0);
    },
    append(parts) {
      const records = files.get(name);
      if (records === undefined) throw new Error(`${name} was removed`);
      const plain = Buffer.concat(parts);
      if (!isDead()) records.push(plain);
      return {
        place: { offset: records.length - 1, plainBytes: plain.length },
        done: later(isDead),
      };
    },
    async read({ offset }: RecordPlace) {
      await later();
      const plain = files.get(name)?.[offset];
      if (plain === undefined) throw new Error(`${name} has no record ${String(offset)}`);
      return plain;
    },
    sync: () => later(isDead),
    async remove() {
      await later(isDead);
      if (!isDead()) files.delete(name);
    },
  });
  return {
    files,
    list: () => Promise.resolve([...files.keys()].sort()),
    create(name, { shared }) {
      files.set(name, []);
      return existing(name, shared);
    },
    existing: (name) => existing(name),
    close: () => Promise.resolve(),
    async *records(name) {
      await later();
      for (const [offset, plain] of (files.get(name) ?? []).entries()) {
        yield { place: { offset, plainBytes: plain.length }, plain };
      }
    },
  };
}

function later(isDead: () => boolean = () => false): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      if (!isDead()) resolve();
    });
  });
}
