/** Batches without their bodies: everything but the body is as it was. */
import test from 'ava';
import { bareBatch, bodyBytesOf, isBareBatch } from '../../../agent/journal/bare-batch.ts';
import { makeForkProof } from '../../../agent/journal/fork-proof.ts';
import { openBatch, verifyBatch } from '../../../agent/journal/verify.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { decodeBatch, encodeBatch } from '../../../protocol/messages/batch-wire.ts';
import { JournalAuthor, testOpKey, verifierOf } from '../../helpers/journal-author.ts';
import { exampleOps } from '../../helpers/op-examples.ts';

test('a bare batch has its hash and signature still, is smaller, and nobody opens it', (t) => {
  const author = new JournalAuthor(1);
  const written = author.write(exampleOps);
  const bytes = bareBatch(written.bytes);
  t.true(bytes.length < written.bytes.length - written.sealed.length + 40);
  t.is(bodyBytesOf(written.bytes), written.bytes.length - bytes.length);
  t.is(bodyBytesOf(bytes), 0);
  t.deepEqual([isBareBatch(written.bytes), isBareBatch(bytes)], [false, true]);
  t.true(bareBatch(bytes).equals(bytes));
  const verified = verifyBatch(bytes, verifierOf(author));
  t.is(verified.hash, written.hash);
  t.deepEqual(verified.header, written.header);
  const refused = t.throws(() => openBatch(verified, () => testOpKey), { instanceOf: VaultError });
  t.is(refused?.code, 'chunk-missing');
});

test('one without operations has no body to lose', (t) => {
  const { bytes } = new JournalAuthor(1).write([]);
  t.true(bareBatch(bytes).equals(bytes));
});

test('another hash of the body, or a body beside it, is refused', (t) => {
  const author = new JournalAuthor(1);
  const written = author.write(exampleOps);
  const parts = decodeBatch(bareBatch(written.bytes));
  const bent = encodeBatch({ ...parts, sealedHash: Buffer.alloc(32, 1) });
  t.throws(() => verifyBatch(bent, verifierOf(author)), { message: /signature/ });
  const both = encodeBatch({ ...parts, sealed: written.sealed });
  t.throws(() => verifyBatch(both, verifierOf(author)), { message: /a body and the hash of one/ });
});

test('it proves a fork as the whole one did', (t) => {
  const [one, other] = [new JournalAuthor(1), new JournalAuthor(1)];
  const [a, b] = [one.write(exampleOps.slice(0, 1)), other.write(exampleOps.slice(1, 2))];
  const whole = makeForkProof(a.bytes, b.bytes);
  t.truthy(whole);
  t.deepEqual(makeForkProof(bareBatch(a.bytes), b.bytes), whole);
});
