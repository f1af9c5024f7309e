import { createHash } from 'node:crypto';
import test from 'ava';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { FileBuild } from '../../../agent/vault/file-build.ts';
import { PieceStore, type StoredPiece } from '../../../agent/vault/piece-store.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { blake3 } from '../../../protocol/hash.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import { MiB } from '../../../protocol/limits.ts';
import type { ChunkRef } from '../../../protocol/messages/op.ts';
import { noiseOf } from '../../helpers/byte-stream-of.ts';
import { testEpoch } from '../../helpers/chunk-keys.ts';

interface Named {
  readonly added: { readonly id: ChunkId; readonly length: number }[];
  readonly reused: { readonly id: ChunkId; readonly length: number }[];
}

const file = (): Named => ({ added: [], reused: [] });

/** As a chunk of `content` that was sealed in some epoch. */
function piece(content: string, sealing: string, named: Named, bytes = 300): StoredPiece {
  const body = noiseOf(`${content} ${sealing}`, bytes);
  const id = blake3(body).toString('hex') as ChunkId;
  const pid = createHash('sha256').update(content).digest('hex') as ChunkRef['pid'];
  const ref: ChunkRef = {
    cid: id,
    pid,
    epoch: testEpoch,
    format: 1,
    plainLength: bytes,
    sealedLength: bytes,
  };
  return { file: named as unknown as FileBuild, ref, id, body };
}

function pieceStore(known: readonly ChunkRef[] = [], failingCommit?: number) {
  const store = createMemoryStore();
  const used: ChunkId[] = [];
  let commits = 0;
  const commit = (): Promise<void> => {
    commits += 1;
    return commits === failingCommit
      ? Promise.reject(new VaultError('io', { op: 'test' }))
      : store.chunks.commit();
  };
  const pieces = new PieceStore({
    chunks: { ...store.chunks, commit },
    use: (id) => used.push(id),
    earlier: {
      find: (pid) => known.find((ref) => ref.pid === pid),
      remember: () => Promise.resolve(),
    },
  });
  return { store, pieces, used, commits: () => commits };
}

test('a chunk is new to the first that brings it, and there for the others', async (t) => {
  const { pieces, used } = pieceStore();
  const [one, two] = [file(), file()];
  const [a, again, b] = [piece('a', '', one), piece('a', '', two), piece('b', '', two)];
  t.deepEqual(await pieces.write([a, again, b]), [a.ref, again.ref, b.ref]);
  const named = ({ id, body }: StoredPiece) => ({ id, length: body.length });
  t.deepEqual(one, { added: [named(a)], reused: [] });
  t.deepEqual(two, { added: [named(b)], reused: [named(a)] });
  t.deepEqual(pieces.totals, { chunksNew: 2, chunksReused: 1, storedBytes: 600 });
  t.deepEqual(used, [a.id, a.id, b.id], 'before they are named');
});

test('what was sealed in an earlier epoch is named as it was, while it is here', async (t) => {
  const [here, gone] = [piece('here', 'before', file()), piece('gone', 'before', file())];
  const { store, pieces, used } = pieceStore([here.ref, gone.ref]);
  await store.chunks.write([here]);
  const named = file();
  const [now, anew] = [piece('here', 'now', named), piece('gone', 'now', named)];
  t.deepEqual(await pieces.write([now, anew]), [here.ref, anew.ref]);
  t.false(store.chunks.has(now.id));
  t.deepEqual(used, [here.id, anew.id]);
  t.deepEqual(
    [named.added.map(({ id }) => id), named.reused.map(({ id }) => id)],
    [[anew.id], [here.id]],
  );
});

test('it commits ahead each 64 MiB, and not for what is there', async (t) => {
  const { pieces, commits } = pieceStore();
  const named = file();
  const all = Array.from({ length: 130 }, (_, at) => piece(String(at), '', named, MiB));
  for (const each of all) await pieces.write([each]);
  t.is(commits(), 2);
  for (const each of all) await pieces.write([each]);
  t.is(commits(), 2);
});

test('a commit ahead that failed is told once', async (t) => {
  const { pieces, commits } = pieceStore([], 1);
  const failedAt: number[] = [];
  for (let at = 0; at < 3 * 64; at += 1) {
    const written = pieces.write([piece(String(at), '', file(), MiB)]);
    await written.catch(() => failedAt.push(at));
  }
  t.deepEqual(failedAt, [2 * 64 - 1]);
  t.is(commits(), 2);
});
