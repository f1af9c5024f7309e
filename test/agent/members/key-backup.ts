import test from 'ava';
import { runStretch } from '../../../agent/chunks/stretch.ts';
import { createVault } from '../../../agent/members/genesis.ts';
import { decodeKeyBackup, encodeKeyBackup } from '../../../agent/members/key-backup.ts';
import type { Stretch } from '../../../agent/members/passphrase.ts';
import { Secret } from '../../../agent/members/secret.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const random = seededRandom('backup');
/** The same function at a lower cost. */
const stretch: Stretch = (input) => Promise.resolve(runStretch({ ...input, logN: 10 }));
const passphrase = new Secret(Buffer.from('kept elsewhere'));
const made = createVault(random, { name: 'laptop' });
const other = createVault(random, { name: 'nas' }).identity.device;
const backup = {
  identity: made.identity,
  ownerSeed: made.ownerSeed,
  name: 'laptop',
  wrapped: true,
  statements: made.statements,
  peers: [{ device: other, addresses: ['nas.example.org:7420'] }],
};

test('a backup gives back what went into it, and shows none of it', async (t) => {
  const file = await encodeKeyBackup(backup, passphrase, { random, stretch });
  const { signSeed, noiseSecretKey } = made.identity.secrets;
  const text = file.toString();
  for (const secret of [signSeed, noiseSecretKey, made.ownerSeed]) {
    t.false(text.includes(secret.reveal().toString('hex')));
  }
  for (const plain of ['laptop', 'example.org']) t.false(text.includes(plain));
  const opened = await decodeKeyBackup(file, { file: 'f', passphrase, stretch });
  t.is(opened.identity.device, made.identity.device);
  t.deepEqual(opened.ownerSeed?.reveal(), made.ownerSeed.reveal());
  t.deepEqual(opened.statements.map(Buffer.from), made.statements.map(Buffer.from));
  t.deepEqual(opened.peers, backup.peers);
  t.is(opened.name, 'laptop');
  t.true(opened.wrapped);
});

test('a wrong passphrase, a changed device and changed bytes are refused', async (t) => {
  const file = await encodeKeyBackup(backup, passphrase, { random, stretch });
  const wrong = new Secret(Buffer.from('kept elsewherf'));
  await t.throwsAsync(decodeKeyBackup(file, { file: 'f', passphrase: wrong, stretch }), {
    code: 'denied',
  });
  const fields = JSON.parse(file.toString()) as Record<string, string>;
  const flipped = (fields['sealed'] ?? '').replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  for (const [change, code] of [
    [{ device: other }, 'denied'],
    [{ sealed: flipped }, 'denied'],
    [{ kind: 'something' }, 'damaged'],
    [{ format: 2 }, 'home-newer'],
    [{ logN: 1 }, 'damaged'],
  ] as const) {
    const changed = Buffer.from(JSON.stringify({ ...fields, ...change }));
    await t.throwsAsync(decodeKeyBackup(changed, { file: 'f', passphrase, stretch }), { code });
  }
  await t.throwsAsync(decodeKeyBackup(file.subarray(9), { file: 'f', passphrase, stretch }), {
    code: 'damaged',
  });
});
