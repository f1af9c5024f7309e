import test from 'ava';
import { openSealing, sealTo } from '../../../agent/members/hpke.ts';
import { noiseKeyFromSecret } from '../../../agent/members/noise-key.ts';

// RFC 9180, appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode,
// sequence number 0.
const vector = {
  ephemeral: bytes('f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600'),
  encapsulated: bytes('1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a'),
  recipient: bytes('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a'),
  secretKey: bytes('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb'),
  info: bytes('4f6465206f6e2061204772656369616e2055726e'),
  aad: bytes('436f756e742d30'),
  plain: bytes('4265617574792069732074727574682c20747275746820626561757479'),
  ciphertext: bytes(
    '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
  ),
};

test('the published vector seals byte for byte', (t) => {
  const sealing = sealTo(vector.recipient, vector.plain, vector);
  t.deepEqual(sealing.encapsulated, vector.encapsulated);
  t.deepEqual(sealing.ciphertext, vector.ciphertext);
});

test('the published vector opens', (t) => {
  t.deepEqual(noiseKeyFromSecret(vector.secretKey).publicKey, vector.recipient);
  t.deepEqual(openSealing(vector.secretKey, vector, vector), vector.plain);
});

test('nothing of a sealing or its binding can be changed', (t) => {
  const { secretKey } = vector;
  for (const field of ['encapsulated', 'ciphertext', 'info', 'aad'] as const) {
    for (let at = 0; at < vector[field].length; at += 1) {
      const changed = { ...vector, [field]: flipped(vector[field], at) };
      // The top bit of an X25519 key is ignored, but the key is part of what the key schedule hashes.
      t.throws(() => openSealing(secretKey, changed, changed), { code: 'no-key' });
    }
  }
});

test('another key opens nothing', (t) => {
  const other = flipped(vector.secretKey, 7);
  t.throws(() => openSealing(other, vector, vector), { code: 'no-key' });
});

for (const length of [0, 15]) {
  test(`a sealing of ${length} bytes is refused`, (t) => {
    const cut = { ...vector, ciphertext: vector.ciphertext.subarray(0, length) };
    t.throws(() => openSealing(vector.secretKey, cut, vector), { code: 'no-key' });
  });
}

test('a recipient of small order is refused: the shared secret would be public', (t) => {
  t.throws(() => sealTo(Buffer.alloc(32), vector.plain, vector), { code: 'malformed' });
});

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

function flipped(buffer: Buffer, at: number): Buffer {
  const copy = Buffer.from(buffer);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x80, at);
  return copy;
}
