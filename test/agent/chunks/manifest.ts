import test from 'ava';
import fc from 'fast-check';
import { decodePage, encodePage, epochsPerPageMax } from '../../../agent/chunks/manifest.ts';
import type { PageEntry } from '../../../agent/chunks/manifest.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import type { ErrorCode } from '../../../protocol/errors.ts';
import { parseId } from '../../../protocol/ids.ts';
import { manifest } from '../../../protocol/limits.ts';
import { inventedRef, testEpoch } from '../../helpers/chunk-keys.ts';

const headBytes = 16;
const epochBytes = 32;
const entryBytes = 77;
const otherEpoch = parseId('epoch', 'e1'.repeat(32));

function chunkEntry(name: string, epoch = testEpoch): PageEntry {
  const ref = inventedRef(name, epoch);
  return { type: 'ref', ref, bytes: ref.plainLength };
}

const hole = (bytes: number): PageEntry => ({ type: 'hole', bytes });
const sumOf = (entries: readonly PageEntry[]): number => entries.reduce((s, e) => s + e.bytes, 0);
const leaf = [chunkEntry('a'), hole(4096), chunkEntry('b', otherEpoch), chunkEntry('c')];

/** A page with some bytes changed by `edit`. */
function edited(edit: (page: Buffer) => void, level = 0, entries = leaf): Buffer {
  const page = encodePage(level, entries);
  edit(page);
  return page;
}

test('pages of leaves and of pages come back', (t) => {
  const bytes = sumOf(leaf);
  t.deepEqual(decodePage(encodePage(0, leaf)), { level: 0, bytes, entries: leaf });
  const inner: PageEntry[] = ['x', 'y'].map((name, index) => ({
    type: 'ref',
    ref: inventedRef(name),
    bytes: 2 ** 40 + index,
  }));
  for (const level of [1, 2, 3]) {
    t.deepEqual(decodePage(encodePage(level, inner)).entries, inner);
  }
});

test('the greatest page comes back and one more entry is refused', (t) => {
  const entry = chunkEntry('same');
  const full = Array.from({ length: manifest.entriesPerPageMax }, () => entry);
  const page = encodePage(0, full);
  t.is(page.length, headBytes + epochBytes + full.length * entryBytes);
  t.is(decodePage(page).entries.length, full.length);
  t.throws(() => encodePage(0, [...full, entry]));
  t.throws(() => encodePage(0, []));
  page.writeUInt32BE(full.length + 1, 4);
  t.true(
    isVaultError(
      t.throws(() => decodePage(page)),
      'malformed',
    ),
  );
});

test('a page holds 255 epochs and not one more', (t) => {
  const entries = Array.from({ length: epochsPerPageMax + 1 }, (_, i) =>
    chunkEntry('x', parseId('epoch', i.toString(16).padStart(64, '0'))),
  );
  const most = entries.slice(0, -1);
  t.deepEqual(decodePage(encodePage(0, most)).entries, most);
  t.throws(() => encodePage(0, entries));
});

test('every page that is not what the encoder writes is refused', (t) => {
  const first = headBytes + 2 * epochBytes;
  const wrong: Record<string, [Buffer, ErrorCode]> = {
    version: [edited((page) => page.writeUInt8(2, 0)), 'not-supported'],
    level: [edited((page) => page.writeUInt8(4, 1)), 'malformed'],
    reserved: [edited((page) => page.writeUInt8(1, 3)), 'malformed'],
    'no entries': [edited((page) => page.writeUInt32BE(0, 4)), 'malformed'],
    'fewer entries': [edited((page) => page.writeUInt32BE(3, 4)), 'malformed'],
    'more entries': [edited((page) => page.writeUInt32BE(5, 4)), 'malformed'],
    'most entries': [edited((page) => page.writeUInt32BE(0xffffffff, 4)), 'malformed'],
    total: [edited((page) => page.writeBigUInt64BE(5n, 8)), 'malformed'],
    'huge total': [edited((page) => page.writeBigUInt64BE(2n ** 63n, 8)), 'malformed'],
    'fewer epochs': [edited((page) => page.writeUInt8(1, 2)), 'malformed'],
    'epoch twice': [
      edited((page) => page.copy(page, headBytes, headBytes + epochBytes, first)),
      'malformed',
    ],
    'unknown epoch': [edited((page) => page.writeUInt8(2, first)), 'malformed'],
    'epochs in another order': [edited((page) => page.writeUInt8(1, first)), 'malformed'],
    format: [edited((page) => page.writeUInt8(9, first + 65)), 'not-supported'],
    'plain length 0': [edited((page) => page.writeUInt32BE(0, first + 69)), 'malformed'],
    'plain length': [edited((page) => page.writeUInt32BE(0xffffffff, first + 69)), 'malformed'],
    'sealed length': [edited((page) => page.writeUInt32BE(17, first + 73)), 'malformed'],
    'greatest sealed length': [
      edited((page) => page.writeUInt32BE(0xffffffff, first + 73)),
      'malformed',
    ],
    'hole of nothing': [
      edited((page) => page.writeBigUInt64BE(0n, first + entryBytes + 1)),
      'malformed',
    ],
    'hole above level 0': [edited((page) => page.writeUInt8(1, 1)), 'malformed'],
    'nothing at all': [Buffer.alloc(0), 'malformed'],
    'too long': [Buffer.alloc(manifest.pageBytesMax + 1, 1), 'malformed'],
    longer: [Buffer.concat([encodePage(0, leaf), Buffer.alloc(1)]), 'malformed'],
    'two holes': [encodePage(0, [hole(1), hole(2)]), 'malformed'],
  };
  for (const [name, [page, code]] of Object.entries(wrong)) {
    const error = t.throws(() => decodePage(page), undefined, name);
    t.true(isVaultError(error, code), `${name}: ${String(error)}`);
  }
});

test('a page cut anywhere is refused', (t) => {
  const page = encodePage(0, leaf);
  for (let end = 0; end < page.length; end += 1) {
    t.true(
      isVaultError(
        t.throws(() => decodePage(page.subarray(0, end))),
        'malformed',
      ),
    );
  }
});

test('entries that stand for more than a number can say are refused', (t) => {
  const most = Number.MAX_SAFE_INTEGER;
  t.is(decodePage(encodePage(0, [hole(most)])).bytes, most);
  const inner = (bytes: number): PageEntry => ({ type: 'ref', ref: inventedRef('x'), bytes });
  const page = encodePage(1, [inner(most - 1), inner(1)]);
  t.is(decodePage(page).bytes, most);
  page.writeBigUInt64BE(BigInt(most), page.length - 8);
  t.true(
    isVaultError(
      t.throws(() => decodePage(page)),
      'malformed',
    ),
  );
});

test('whatever bytes come, the answer is a page or an error that names the page', (t) => {
  const page = encodePage(0, leaf);
  fc.assert(
    fc.property(fc.nat(page.length - 1), fc.nat(255), fc.nat(page.length), (at, value, cut) => {
      const changed = Buffer.concat([page.subarray(0, cut), page.subarray(cut)]);
      changed[at] = value;
      try {
        t.deepEqual(encodePage(0, decodePage(changed).entries), changed);
      } catch (error) {
        t.true(isVaultError(error, 'malformed', 'not-supported'), String(error));
      }
    }),
    { numRuns: 300 },
  );
});
