import fc from 'fast-check';
import test from 'ava';
import { VaultError } from '../../../protocol/errors.ts';
import { idFromBytes } from '../../../protocol/ids.ts';
import { members } from '../../../protocol/limits.ts';
import {
  checkTicketProof,
  invitePrefaceKey,
  parseTicket,
  ticketIdOf,
  ticketProof,
  ticketToText,
  type Ticket,
} from '../../../protocol/messages/ticket.ts';

const bytes = (length: number, fill = 1): Buffer => Buffer.alloc(length, fill);
const statement = (fill: number) => idFromBytes('statement', bytes(32, fill));
const position = {
  device: idFromBytes('device', bytes(16)),
  incarnation: idFromBytes('incarnation', bytes(8)),
  sequence: 5,
  hash: idFromBytes('batch', bytes(32)),
};

const ticket: Ticket = {
  vault: idFromBytes('vault', bytes(32, 2)),
  issuerNoiseKey: bytes(32, 3),
  addresses: ['192.0.2.1:7420', '[2001:db8::1]:7420', 'nas.example.org:1'],
  secret: bytes(32, 4),
  expiresS: 1_790_000_000,
  heads: [statement(5), statement(6)],
  vector: [position],
};
const text = ticketToText(ticket);

test('a ticket survives its text form', (t) => {
  t.deepEqual(parseTicket(text), ticket);
  t.regex(text, /^pv1[a-z2-7]+$/);
});

test('a ticket with as little as possible survives too', (t) => {
  const bare = { ...ticket, addresses: [], heads: [], vector: [], expiresS: 0 };
  t.deepEqual(parseTicket(ticketToText(bare)), bare);
});

test('white space and case do not matter', (t) => {
  const torn = `\n  ${text.toUpperCase().replace(/(.{20})/g, '$1 \r\n\t')}\n`;
  t.deepEqual(parseTicket(torn), ticket);
});

test('a ticket that lost its end says that it is cut off', (t) => {
  for (let length = 3; length < text.length; length += 1) {
    t.throws(() => parseTicket(text.slice(0, length)), {
      code: 'ticket-invalid',
      message: /cut off/,
    });
  }
});

test('a ticket with a wrong letter says so', (t) => {
  for (let at = 8; at < text.length; at += 1) {
    const other = text.charAt(at) === 'a' ? 'b' : 'a';
    const wrong = text.slice(0, at) + other + text.slice(at + 1);
    t.throws(() => parseTicket(wrong), { code: 'ticket-invalid' });
  }
});

for (const [why, bad, reason] of [
  ['nothing', '', /begin/],
  ['something else', 'https://example.org', /begin/],
  ['another version', `pv2${text.slice(3)}`, /version/],
  ['a foreign letter', `${text.slice(0, 30)}0${text.slice(31)}`, /does not belong/],
  ['something behind it', `${text}aaaaaaaa`, /follows|cut off/],
  ['far too much', 'pv1'.padEnd(members.ticketBytesMax * 4 + 1, 'a'), /too long/],
] as const) {
  test(`a ticket with ${why} is refused with the reason`, (t) => {
    t.throws(() => parseTicket(bad), { code: 'ticket-invalid', message: reason });
  });
}

test('no change of up to three letters makes another ticket', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(text.length - 1), to: fc.constantFrom(...'abcxyz27') }), {
        minLength: 1,
        maxLength: 3,
      }),
      (changes) => {
        let changed = text;
        for (const { at, to } of changes)
          changed = changed.slice(0, at) + to + changed.slice(at + 1);
        if (changed === text) return;
        const error = t.throws(() => parseTicket(changed));
        t.true(error instanceof VaultError && error.code === 'ticket-invalid', String(error));
      },
    ),
    { numRuns: 2000 },
  );
});

test('whatever a person pastes, the answer is a ticket or ticket-invalid', (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (pasted) => {
      for (const input of [pasted, `pv1${pasted}`]) {
        const error = t.throws(() => parseTicket(input));
        t.true(error instanceof VaultError && error.code === 'ticket-invalid', String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

for (const address of ['no-port', 'host:0', 'host:65536', ':7420', 'ho st:1', '[::1:7420']) {
  test(`a ticket with the address ${address} is not handed out`, (t) => {
    t.throws(() => ticketToText({ ...ticket, addresses: [address] }), { code: 'ticket-invalid' });
  });
}

for (const count of [members.addressesPerDeviceMax, members.addressesPerDeviceMax + 1]) {
  test(`a ticket with ${count} addresses is ${count > members.addressesPerDeviceMax ? 'refused' : 'fine'}`, (t) => {
    const make = () => ticketToText({ ...ticket, addresses: Array<string>(count).fill('a:1') });
    if (count > members.addressesPerDeviceMax) t.throws(make, { code: 'ticket-invalid' });
    else t.is(parseTicket(make()).addresses.length, count);
  });
}

test('a ticket that is too large is not handed out', (t) => {
  const addresses = Array.from({ length: 16 }, () => `${'a.'.repeat(120)}a:1`);
  const vector = Array.from({ length: 32 }, () => position);
  t.throws(() => ticketToText({ ...ticket, addresses, vector }), { code: 'too-large' });
});

test('id, preface key and proofs are all different, and none is the secret', (t) => {
  const { secret } = ticket;
  const hash = bytes(64);
  const derived = [
    secret,
    invitePrefaceKey(secret),
    ticketProof(secret, hash, 'joiner'),
    ticketProof(secret, hash, 'issuer'),
    ticketProof(secret, bytes(64, 2), 'joiner'),
    ticketProof(bytes(32, 9), hash, 'joiner'),
  ].map((one) => one.toString('hex'));
  t.is(new Set(derived).size, derived.length);
  t.false(derived.some((one) => one.startsWith(ticketIdOf(secret))));
  t.is(ticketIdOf(secret).length, 32);
});

test('only the right proof passes', (t) => {
  const { secret } = ticket;
  const handshakeHash = bytes(64);
  const proof = ticketProof(secret, handshakeHash, 'joiner');
  t.true(checkTicketProof(proof, { secret, handshakeHash, side: 'joiner' }));
  t.false(checkTicketProof(proof, { secret, handshakeHash, side: 'issuer' }));
  t.false(checkTicketProof(proof, { secret: bytes(32), handshakeHash, side: 'joiner' }));
  for (const length of [0, 31]) {
    const cut = proof.subarray(0, length);
    t.false(checkTicketProof(cut, { secret, handshakeHash, side: 'joiner' }));
  }
});
