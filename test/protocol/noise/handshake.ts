import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { CipherState } from '../../../protocol/noise/cipher-state.ts';
import { sealed } from '../../helpers/sealed.ts';
import { Handshake, type HandshakeRole } from '../../../protocol/noise/handshake.ts';
import { x25519PublicKey } from '../../../protocol/noise/x25519.ts';

interface Vector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly resp_prologue: string;
  readonly init_static: string;
  readonly resp_static: string;
  readonly init_ephemeral: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const file = new URL('../../vectors/noise/noise-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };
const ours = vectors.filter(
  ({ protocol_name }) => protocol_name === 'Noise_XX_25519_ChaChaPoly_BLAKE2b',
);

test('the vectors hold our protocol', (t) => {
  t.true(ours.length > 0);
});

for (const [index, vector] of ours.entries()) {
  test(`official vector ${String(index)} of XX: handshake, hash and transport, byte for byte`, (t) => {
    const initiator = fromVector(vector, 'initiator');
    const responder = fromVector(vector, 'responder');
    for (const [turn, { payload, ciphertext }] of vector.messages.slice(0, 3).entries()) {
      const [writer, reader] = turn % 2 === 0 ? [initiator, responder] : [responder, initiator];
      const message = writer.write(hex(payload));
      t.is(message.toString('hex'), ciphertext);
      t.is(reader.read(message).toString('hex'), payload);
    }
    const left = initiator.finish();
    const right = responder.finish();
    t.is(left.handshakeHash.toString('hex'), vector.handshake_hash);
    t.is(right.handshakeHash.toString('hex'), vector.handshake_hash);
    t.deepEqual(left.remoteStaticKey, x25519PublicKey(hex(vector.resp_static)));
    t.deepEqual(right.remoteStaticKey, x25519PublicKey(hex(vector.init_static)));

    const ciphers = [
      [new CipherState(left.sendKey), new CipherState(right.receiveKey)],
      [new CipherState(right.sendKey), new CipherState(left.receiveKey)],
    ] as const;
    for (const [turn, { payload, ciphertext }] of vector.messages.entries()) {
      if (turn < 3) continue;
      const [sender, receiver] = ciphers[turn % 2 === 0 ? 0 : 1];
      const record = sealed(sender, hex(payload));
      t.is(record.toString('hex'), ciphertext);
      t.is(receiver.open(record).toString('hex'), payload);
    }
  });
}

test('sides with different prologues do not come together', (t) => {
  const vector = ours[0]!;
  const initiator = fromVector({ ...vector, init_prologue: '00' }, 'initiator');
  const responder = fromVector(vector, 'responder');
  responder.read(initiator.write(Buffer.alloc(0)));
  const second = responder.write(Buffer.alloc(0));
  t.throws(() => initiator.read(second), { code: 'peer-misbehaved' });
});

test('a handshake that failed is over', (t) => {
  const vector = ours[0]!;
  const initiator = fromVector(vector, 'initiator');
  initiator.write(Buffer.alloc(0));
  t.throws(() => initiator.read(Buffer.alloc(96)), { code: 'peer-misbehaved' });
  t.throws(() => initiator.read(Buffer.alloc(96)), { message: /turn/ });
});

for (const length of [0, 31]) {
  test(`a first message of ${String(length)} bytes is refused`, (t) => {
    const responder = fromVector(ours[0]!, 'responder');
    t.throws(() => responder.read(Buffer.alloc(length)), { code: 'peer-misbehaved' });
  });
}

for (const low of ['00'.repeat(32), `01${'00'.repeat(31)}`]) {
  test(`an ephemeral key of low order (${low.slice(0, 4)}…) is refused`, (t) => {
    const responder = fromVector(ours[0]!, 'responder');
    responder.read(hex(low));
    t.throws(() => responder.write(Buffer.alloc(0)), { code: 'peer-misbehaved' });
  });
}

test('property: a message that is changed in any way never passes', (t) => {
  const vector = ours[0]!;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('flip', 'cut', 'extend'),
      (turn, at, mask, how) => {
        const initiator = fromVector(vector, 'initiator');
        const responder = fromVector(vector, 'responder');
        responder.read(initiator.write(Buffer.alloc(0)));
        const second = responder.write(Buffer.from('payload two'));
        if (turn === 0) {
          t.throws(() => initiator.read(change(second, { how, at, mask })), {
            code: 'peer-misbehaved',
          });
        } else {
          initiator.read(second);
          const third = initiator.write(Buffer.from('payload three'));
          t.throws(() => responder.read(change(third, { how, at, mask })), {
            code: 'peer-misbehaved',
          });
        }
        initiator.destroy();
        responder.destroy();
      },
    ),
    { numRuns: 1000 },
  );
});

function change(
  message: Buffer,
  { how, at, mask }: { how: string; at: number; mask: number },
): Buffer {
  if (how === 'cut') return message.subarray(0, at % message.length);
  if (how === 'extend') return Buffer.concat([message, Buffer.from([mask])]);
  const changed = Buffer.from(message);
  changed[at % message.length]! ^= mask;
  // The highest bit of a public key is not part of it (RFC 7748, 5), but it is hashed: it counts too.
  return changed;
}

function fromVector(vector: Vector, role: HandshakeRole): Handshake {
  const initiator = role === 'initiator';
  const secretKey = hex(initiator ? vector.init_static : vector.resp_static);
  return new Handshake({
    role,
    prologue: hex(initiator ? vector.init_prologue : vector.resp_prologue),
    staticKey: { secretKey, publicKey: x25519PublicKey(secretKey) },
    randomBytes: () => hex(initiator ? vector.init_ephemeral : vector.resp_ephemeral),
  });
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
