import test from 'ava';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import { identityFrom, makeIdentity } from '../../../agent/members/identity.ts';
import { makeInvite } from '../../../agent/members/invite.ts';
import {
  admit,
  checkJoin,
  joinAnswers,
  waitingAnswer,
  type IssueStatements,
} from '../../../agent/members/join-issuer.ts';
import {
  acceptAnswers,
  checkAnswerer,
  makeJoinAsk,
  type Joining,
} from '../../../agent/members/join-joiner.ts';
import type { JoinAsk } from '../../../agent/members/join-messages.ts';
import type { Role } from '../../../agent/members/membership.ts';
import { Secret } from '../../../agent/members/secret.ts';
import { IssuedTickets } from '../../../agent/members/tickets-issued.ts';
import { rpc } from '../../../protocol/limits.ts';
import { parseTicket, ticketIdOf, type Ticket } from '../../../protocol/messages/ticket.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { bareGrant, keyringOf, smallVault } from '../../helpers/small-vault.ts';

const nowMs = 1_000_000;
const handshakeHash = Buffer.alloc(64, 3);

async function stage(seed: string, role: Role = 'writer') {
  const vault = smallVault(seed);
  const disk = memoryDisk();
  const tickets = await IssuedTickets.open(disk);
  const { text } = await makeInvite(
    { random: vault.random, tickets },
    { role, expiresS: nowMs / 1000 + 60, approve: false },
    {
      from: {
        vault: vault.log.vault,
        noiseKey: vault.first.noisePublicKey,
        addresses: ['192.0.2.1:7420'],
        heads: vault.log.heads(),
        vector: [],
      },
      nowMs,
    },
  );
  const ticket = parseTicket(text);
  const joining: Joining = { ticket, identity: makeIdentity(vault.random), handshakeHash };
  const guest = (of: Joining) => ({
    ticket: ticketIdOf(of.ticket.secret),
    noiseKey: of.identity.noisePublicKey,
    handshakeHash: of.handshakeHash,
  });
  const check = (of: Joining, ask: JoinAsk = makeJoinAsk(of, 'nas'), atMs = nowMs) =>
    checkJoin({ tickets, vault: vault.log.vault }, ask, { guest: guest(of), nowMs: atMs });
  const issue: IssueStatements = async (make) => {
    const issued = make(vault.log);
    durable.push(...issued.map(() => disk.afterPowerCut().peek('identity/tickets.json')));
    return issued;
  };
  /** What was on the disk when each grant was made. */
  const durable: (Buffer | undefined)[] = [];
  const granter = {
    random: vault.random,
    issuer: role === 'admin' ? vault.owner : vault.first.signKey,
    keyring: keyringOf(vault.log, vault.first),
    tickets,
    issue,
  };
  const answer = async (of: Joining, atMs = nowMs) => {
    const candidate = check(of, makeJoinAsk(of, 'nas'), atMs);
    await admit(granter, candidate, atMs);
    return joinAnswers(candidate.ticket, of.handshakeHash, {
      statements: vault.log.all(),
      addresses: [],
    });
  };
  return { vault, disk, tickets, ticket, joining, check, granter, answer, durable };
}

for (const role of ['blind', 'reader', 'writer', 'admin'] as const) {
  test(`whoever holds a ticket becomes a ${role}`, async (t) => {
    const { joining, answer, vault } = await stage(`join ${role}`, role);
    const joined = acceptAnswers(joining, await answer(joining));
    t.is(joined.member.role, role);
    t.deepEqual(joined.log.heads(), vault.log.heads());
    const first = keyringOf(vault.log, vault.first);
    t.deepEqual(joined.keyring.memberKeys, first.memberKeys);
    t.deepEqual(joined.keyring.vault, role === 'blind' ? undefined : first.vault);
  });
}

test('the ticket is used on the disk before the grant is made', async (t) => {
  const { joining, answer, durable } = await stage('durable');
  await answer(joining);
  t.is(durable.length, 1);
  t.true(durable[0]?.toString().includes(joining.identity.device));
});

test('when the disk fails, nobody is admitted and the ticket stays used', async (t) => {
  const { joining, answer, disk, vault } = await stage('failing disk');
  const { size } = vault.log;
  disk.failing = 'sync';
  await t.throwsAsync(answer(joining), { code: 'io' });
  t.is(vault.log.size, size);
  disk.failing = undefined;
  const other = { ...joining, identity: makeIdentity(vault.random) };
  await t.throwsAsync(answer(other), { code: 'ticket-used' });
});

test('a used ticket is used, except for the device that used it', async (t) => {
  const { joining, answer, vault } = await stage('used');
  await answer(joining);
  const { size } = vault.log;
  const again = acceptAnswers(joining, await answer(joining));
  t.is(vault.log.size, size);
  t.is(again.member.device, joining.identity.device);
  const other = { ...joining, identity: makeIdentity(vault.random) };
  await t.throwsAsync(answer(other), { code: 'ticket-used' });
});

test('of two devices that come at once with one ticket one is admitted', async (t) => {
  const { joining, answer, vault } = await stage('race');
  const other = { ...joining, identity: makeIdentity(vault.random) };
  const results = await Promise.allSettled([answer(joining), answer(other)]);
  t.is(results.filter(({ status }) => status === 'fulfilled').length, 1);
  t.is(evaluateMembership(vault.log.statements()).members.size, 2);
});

for (const [lateMs, code] of [
  [59_999, undefined],
  [60_000, 'ticket-expired'],
  [60_001, 'ticket-expired'],
] as const) {
  test(`a ticket of 60 s is ${code ?? 'good'} after ${lateMs} ms`, async (t) => {
    const { joining, answer } = await stage(`late ${lateMs}`);
    const late = answer(joining, nowMs + lateMs);
    if (code === undefined) await t.notThrowsAsync(late);
    else await t.throwsAsync(late, { code });
  });
}

test('a ticket that was never issued is refused', async (t) => {
  const { joining, check, vault } = await stage('forged');
  const forged = { ...joining, ticket: { ...joining.ticket, secret: vault.random.bytes(32) } };
  t.throws(() => check(forged), { code: 'ticket-invalid' });
});

test('a ticket that was taken back is refused', async (t) => {
  const { joining, check, tickets } = await stage('withdrawn');
  await tickets.withdraw(ticketIdOf(joining.ticket.secret));
  t.throws(() => check(joining), { code: 'ticket-invalid' });
});

test('an ask is bound to its secret, its connection, its keys and its vault', async (t) => {
  const { joining, check, vault, tickets } = await stage('bound');
  const ask = makeJoinAsk(joining, 'nas');
  const elsewhere = { ...joining, handshakeHash: Buffer.alloc(64, 4) };
  const other = makeIdentity(vault.random);
  const flipped = Buffer.from(ask.proof);
  flipped.writeUInt8(flipped.readUInt8(31) ^ 1, 31);
  for (const bad of [
    { ...ask, proof: flipped },
    { ...ask, proof: ask.proof.subarray(0, 31) },
    { ...ask, proof: Buffer.alloc(0) },
    makeJoinAsk(elsewhere, 'nas'),
    { ...ask, signKey: other.signKey.publicKey },
    { ...ask, signature: makeJoinAsk(elsewhere, 'nas').signature },
    makeJoinAsk({ ...joining, identity: other }, 'nas'),
    makeJoinAsk(
      { ...joining, ticket: { ...joining.ticket, vault: smallVault('other').log.vault } },
      'nas',
    ),
  ]) {
    t.throws(() => check(joining, bad), { code: 'peer-untrusted' });
  }
  const second = await tickets.add(
    { secret: new Secret(Buffer.alloc(32, 9)), role: 'reader', expiresS: 2000, approve: false },
    nowMs,
  );
  t.throws(() => check(joining, { ...ask, ticket: second.id }), { code: 'peer-untrusted' });
  t.notThrows(() => check(joining, ask));
});

test('the issuer’s proof is no joiner’s proof', async (t) => {
  const { joining, check } = await stage('mirror');
  const ask = makeJoinAsk(joining, 'nas');
  const { ticket } = check(joining);
  const { proof } = waitingAnswer(ticket, handshakeHash);
  t.throws(() => check(joining, { ...ask, proof }), { code: 'peer-untrusted' });
  t.throws(
    () => {
      checkAnswerer(joining, { proof: Buffer.from(ask.proof) });
    },
    { code: 'peer-untrusted' },
  );
});

for (const [name, fine] of [
  ['', false],
  ['x', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['ä'.repeat(33), false],
] as const) {
  test(`a device named ${JSON.stringify(name)} is ${fine ? 'let in' : 'refused'}`, async (t) => {
    const { joining, check } = await stage(`named ${name}`);
    const ask = makeJoinAsk(joining, name);
    if (fine) t.is(check(joining, ask).name, name);
    else t.throws(() => check(joining, ask), { code: 'name-invalid' });
  });
}

test('both sides show the same six words', async (t) => {
  const { joining, check } = await stage('words');
  const { fingerprint } = check(joining);
  t.is(fingerprint.length, 6);
  t.deepEqual(check(joining).fingerprint, fingerprint);
});

test('a member does not join again with another ticket', async (t) => {
  const { vault, joining, answer } = await stage('again');
  vault.log.issue(vault.owner, bareGrant(joining.identity, 1));
  await t.throwsAsync(answer(joining), { code: 'exists' });
});

test('an issuer who does not know the secret is not believed', async (t) => {
  const { joining, answer } = await stage('impostor');
  const answers = await answer(joining);
  const forged = answers.map((one) => ({ ...one, proof: Buffer.alloc(32) }));
  t.throws(() => acceptAnswers(joining, forged), { code: 'peer-untrusted', message: /secret/ });
  const elsewhere = { ...joining, handshakeHash: Buffer.alloc(64, 5) };
  t.throws(() => acceptAnswers(elsewhere, answers), { code: 'peer-untrusted' });
});

test('an answerer who is no member of the log is not believed', async (t) => {
  const { joining, answer, vault } = await stage('no member');
  const answers = await answer(joining);
  const ticket: Ticket = { ...joining.ticket, issuerNoiseKey: vault.device().noisePublicKey };
  t.throws(() => acceptAnswers({ ...joining, ticket }, answers), {
    code: 'peer-untrusted',
    message: /no member/,
  });
});

test('a log that is older than the ticket is refused', async (t) => {
  const { joining, answer } = await stage('older');
  const answers = await answer(joining);
  const head = 'ab'.repeat(32) as Ticket['heads'][number];
  const ticket: Ticket = { ...joining.ticket, heads: [...joining.ticket.heads, head] };
  t.throws(() => acceptAnswers({ ...joining, ticket }, answers), {
    code: 'peer-untrusted',
    message: /older/,
  });
});

test('the log of another vault is refused', async (t) => {
  const { joining, answer } = await stage('one vault');
  const other = await stage('another vault');
  const answers = (await answer(joining)).map((one) => ({
    ...one,
    statements: other.vault.log.all(),
  }));
  t.throws(() => acceptAnswers(joining, answers), { code: 'wrong-vault' });
});

test('a log that leaves anything out is refused', async (t) => {
  const { joining, answer } = await stage('gaps');
  const [only] = await answer(joining);
  for (let left = 0; left < only!.statements.length; left += 1) {
    const statements = only!.statements.filter((_, index) => index !== left);
    t.throws(() => acceptAnswers(joining, [{ ...only!, statements }]), {
      code: 'peer-untrusted',
    });
  }
  t.throws(() => acceptAnswers(joining, [{ ...only!, statements: [] }]), {
    code: 'peer-untrusted',
  });
});

test('a log with a forged statement is refused', async (t) => {
  const { joining, answer } = await stage('forged log');
  const [only] = await answer(joining);
  const statements = only!.statements.map((bytes, index) => {
    const copy = Buffer.from(bytes);
    if (index === 2) copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
    return copy;
  });
  t.throws(() => acceptAnswers(joining, [{ ...only!, statements }]), { code: 'peer-untrusted' });
});

test('a grant for our signing key with another Noise key does not admit us', async (t) => {
  const { joining, answer, vault } = await stage('other noise key');
  const answers = await answer(joining);
  const identity = identityFrom(joining.identity.secrets.signSeed.reveal(), vault.random.bytes(32));
  t.throws(() => acceptAnswers({ ...joining, identity }, answers), {
    code: 'peer-untrusted',
    message: /admit/,
  });
});

test('a grant without keys that open does not do', async (t) => {
  const { joining, vault, check } = await stage('no keys');
  const { ticket } = check(joining);
  vault.log.issue(vault.owner, bareGrant(joining.identity, 7));
  t.throws(
    () =>
      acceptAnswers(
        joining,
        joinAnswers(ticket, handshakeHash, { statements: vault.log.all(), addresses: [] }),
      ),
    {
      code: 'peer-untrusted',
      message: /key/,
    },
  );
});

test('a long log comes in messages that fit, and only the last one says so', async (t) => {
  const { joining, check, granter, vault } = await stage('long');
  for (let count = 0; count < 400; count += 1) {
    vault.log.issue(vault.owner, bareGrant(vault.first, 15));
  }
  const candidate = check(joining);
  await admit(granter, candidate, nowMs);
  const addresses = Array.from({ length: 200 }, (_, at) => Buffer.alloc(1_000, at));
  const statements = vault.log.all();
  const answers = joinAnswers(candidate.ticket, handshakeHash, { statements, addresses });
  t.true(answers.length > 1);
  for (const [index, { more, ...part }] of answers.entries()) {
    const bytes = [...part.statements, ...part.addresses].reduce(
      (sum, { length }) => sum + length + 4,
      0,
    );
    t.true(bytes <= rpc.messageBytesMax - 100);
    t.is(more, index < answers.length - 1);
  }
  const joined = acceptAnswers(joining, answers);
  t.is(joined.log.size, vault.log.size);
  t.deepEqual(joined.addresses, addresses);
});
