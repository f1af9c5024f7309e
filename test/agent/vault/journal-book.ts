/** Naming a branch where it is too late. */
import test from 'ava';
import { JournalBook, type JournalBookParts } from '../../../agent/vault/journal-book.ts';
import {
  journalId,
  type BatchHash,
  type DeviceId,
  type IncarnationId,
} from '../../../protocol/ids.ts';

const device = 'ab'.repeat(16) as DeviceId;
const incarnation = '01'.repeat(8) as IncarnationId;
const journal = journalId(device, incarnation);
const counting = 'aa'.repeat(32) as BatchHash;
const other = 'bb'.repeat(32) as BatchHash;

/** A journal that forked at 3, with the branch that counts there. */
function bookFolded(upTo: number): { book: JournalBook; issued: () => number } {
  let issued = 0;
  const lines = [{ name: journal, first: 1, tip: 5, firstHash: undefined }];
  const parts = {
    journals: { damaged: () => [], read: () => [] },
    opKeyOf: () => undefined,
    lines: {
      journals: () => [journal],
      isForked: () => true,
      linesOf: () => lines,
      forksOf: () => [{ sequence: 3, hashes: [counting, other] }],
      hashAt: () => Promise.resolve(counting),
    },
    counting: {
      prefixOf: () => undefined,
      tip: () => ({ journal, sequence: 5, hash: counting }),
      tips: () => [],
      hashAt: () => Promise.resolve(counting),
      foldedOf: () => (upTo === 0 ? undefined : { sequence: upTo, hash: counting }),
    },
    members: {
      current: () => ({ choices: new Map() }),
      nameOf: () => 'laptop',
      issue: () => Promise.resolve((issued += 1)),
    },
    issuing: { key: () => undefined },
    writing: () => undefined,
    settled: () => Promise.resolve(),
  } as unknown as JournalBookParts;
  return { book: new JournalBook(parts), issued: () => issued };
}

test('another branch of what is folded is refused, and nothing is said about it', async (t) => {
  const { book, issued } = bookFolded(3);
  const choice = { journal: `${device}/${incarnation}`, sequence: 3 };
  await t.throwsAsync(book.choose({ ...choice, hash: other }), { message: /not supported/ });
  t.is(issued(), 0);
  await book.choose({ ...choice, hash: counting });
  t.is(issued(), 1);
});

test('beyond what is folded a branch can be named', async (t) => {
  for (const upTo of [0, 2]) {
    const { book, issued } = bookFolded(upTo);
    await book.choose({ journal: `${device}/${incarnation}`, sequence: 3, hash: other });
    t.is(issued(), 1);
  }
});
