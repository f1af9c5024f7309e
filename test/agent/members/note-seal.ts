import test from 'ava';
import { noiseKeyFromSecret } from '../../../agent/members/noise-key.ts';
import { openNote, sealNote } from '../../../agent/members/note-seal.ts';
import type { DeviceId, VaultId } from '../../../protocol/ids.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const random = seededRandom('note-seal');
const [author, reader, other] = ['a1', 'b2', 'c3'].map((digits) => {
  const noiseSecretKey = random.bytes(32);
  const noiseKey = noiseKeyFromSecret(noiseSecretKey).publicKey;
  return { device: digits.repeat(16) as DeviceId, noiseSecretKey, noiseKey };
}) as [Party, Party, Party];
interface Party {
  readonly device: DeviceId;
  readonly noiseSecretKey: Buffer;
  readonly noiseKey: Buffer;
}
const note = { vault: '9'.repeat(64) as VaultId, author: author.device, id: 'd4'.repeat(16) };
const sealed = sealNote(random, 'the key is under the mat ü', {
  ...note,
  readers: [reader, author],
});

test('a note opens for whom it is sealed to, and for nobody else', (t) => {
  for (const party of [reader, author]) {
    t.is(openNote(party, { sealed }, note), 'the key is under the mat ü');
  }
  t.is(openNote(other, { sealed }, note), undefined);
  const [first] = sealed;
  const stolen = [{ ...first!, recipient: other.device }];
  t.is(openNote(other, { sealed: stolen }, note), undefined, 'the name alone opens nothing');
  t.is(openNote({ ...reader, device: other.device }, { sealed: stolen }, note), undefined);
  t.false(Buffer.concat(sealed.map(({ ciphertext }) => ciphertext)).includes('mat'));
});

test('a sealing passes for no other note, author or vault, and not when it was changed', (t) => {
  t.is(openNote(reader, { sealed }, { ...note, id: 'd5'.repeat(16) }), undefined);
  t.is(openNote(reader, { sealed }, { ...note, author: other.device }), undefined);
  t.is(openNote(reader, { sealed }, { ...note, vault: '8'.repeat(64) as VaultId }), undefined);
  for (const part of ['encapsulated', 'ciphertext'] as const) {
    const changed = sealed.map((each) => {
      const bytes = Buffer.from(each[part]);
      bytes[3]! ^= 1;
      return { ...each, [part]: bytes };
    });
    t.is(openNote(reader, { sealed: changed }, note), undefined, part);
  }
  const short = sealed.map((each) => ({ ...each, ciphertext: Buffer.alloc(3) }));
  t.is(openNote(reader, { sealed: short }, note), undefined);
});
