/** Making an index again from synthetic footers, for a test of its size and for the benchmarks. */
import { createIndexLoader } from '../../agent/store/index-loader.ts';
import { footerEntryBytes, footerPlaces } from '../../agent/store/footer.ts';
import { blake3 } from '../../protocol/hash.ts';
import type { Index } from '../../agent/ports.ts';

const recordsPerFooter = 1000;

/** Bodies of footers that list `records` chunks with ids like hashes. */
export function syntheticFooters(records: number): Buffer[] {
  return Array.from({ length: Math.ceil(records / recordsPerFooter) }, (_, number) => {
    const count = Math.min(recordsPerFooter, records - number * recordsPerFooter);
    const body = Buffer.alloc(count * footerEntryBytes);
    for (let at = 0; at < count; at++) {
      blake3(Buffer.from(`${String(number)} ${String(at)}`)).copy(body, at * footerEntryBytes);
      body.writeUInt32LE(64 + at * 262_192, at * footerEntryBytes + 32);
      body.writeUInt32LE(262_144, at * footerEntryBytes + 36);
    }
    return body;
  });
}

/** Loads the footers into the index, as recovery does; how many records went in. */
export async function rebuildIndex(
  index: Pick<Index, 'write'>,
  footers: readonly Buffer[],
): Promise<number> {
  const loader = createIndexLoader(index);
  for (const [segment, body] of footers.entries()) {
    for (const { idAt, offset, length } of footerPlaces(body)) {
      const loading = loader.add(body, idAt, { segment, offset, length });
      if (loading !== undefined) await loading;
    }
  }
  await loader.finish();
  return loader.loaded;
}
