import test from 'ava';
import { Secret } from '../../../agent/members/secret.ts';
import { IssuedTickets, ticketsFile } from '../../../agent/members/tickets-issued.ts';
import { parseId } from '../../../protocol/ids.ts';
import { members } from '../../../protocol/limits.ts';
import { invitePrefaceKey, ticketIdOf } from '../../../protocol/messages/ticket.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';

const device = parseId('device', '01'.repeat(16));
const other = parseId('device', '02'.repeat(16));
const terms = (fill: number) =>
  ({
    secret: new Secret(Buffer.alloc(32, fill)),
    role: 'writer',
    expiresS: 100,
    approve: true,
  }) as const;

test('what was added is there after a power cut, and so is what was used', async (t) => {
  const disk = memoryDisk();
  const tickets = await IssuedTickets.open(disk);
  const { id } = await tickets.add(terms(1), 0);
  await tickets.add(terms(2), 0);
  await tickets.redeem(id, device, 0);
  const later = await IssuedTickets.open(disk.afterPowerCut());
  t.is(later.list().length, 2);
  t.is(later.stateOf(later.get(id), 0), 'used');
  t.throws(() => later.usable(id, other, 0), { code: 'ticket-used' });
  t.deepEqual(later.get(id).secret.reveal(), Buffer.alloc(32, 1));
  t.true(later.get(id).approve);
});

test('a ticket is open until it is used or expires', async (t) => {
  const tickets = await IssuedTickets.open(memoryDisk());
  const ticket = await tickets.add(terms(1), 0);
  t.is(tickets.stateOf(ticket, 99_999), 'open');
  t.is(tickets.stateOf(ticket, 100_000), 'expired');
  t.throws(() => tickets.usable(ticket.id, device, 100_000), { code: 'ticket-expired' });
});

test('a failed write leaves the ticket used in memory and the next write goes on', async (t) => {
  const disk = memoryDisk();
  const tickets = await IssuedTickets.open(disk);
  const { id } = await tickets.add(terms(1), 0);
  disk.failing = 'write';
  await t.throwsAsync(tickets.redeem(id, device, 0), { code: 'io' });
  disk.failing = undefined;
  t.throws(() => tickets.usable(id, other, 0), { code: 'ticket-used' });
  await tickets.add(terms(2), 0);
  const later = await IssuedTickets.open(disk.afterPowerCut());
  t.is(later.get(id).usedBy, device);
});

test('the key of a preface is that of the secret, and strangers have none', async (t) => {
  const tickets = await IssuedTickets.open(memoryDisk());
  const { id } = await tickets.add(terms(1), 0);
  t.deepEqual(tickets.inviteKey(id), invitePrefaceKey(Buffer.alloc(32, 1)));
  t.is(tickets.inviteKey(ticketIdOf(Buffer.alloc(32, 9))), undefined);
});

test('the book is bounded: the oldest that is used or expired makes room, an open one does not', async (t) => {
  const tickets = await IssuedTickets.open(memoryDisk());
  const first = await tickets.add(terms(0), 0);
  for (let count = 1; count < members.ticketsKeptMax; count += 1) {
    const secret = Buffer.alloc(32, 1);
    secret.writeUInt32BE(count);
    await tickets.add({ ...terms(0), secret: new Secret(secret) }, 0);
  }
  const one = { ...terms(0), secret: new Secret(Buffer.alloc(32, 255)) };
  await t.throwsAsync(tickets.add(one, 0), { code: 'overload' });
  await tickets.redeem(first.id, device, 0);
  await tickets.add(one, 0);
  t.is(tickets.list().length, members.ticketsKeptMax);
  t.throws(() => tickets.get(first.id), { code: 'ticket-invalid' });
});

for (const [why, content] of [
  ['nothing in it', ''],
  ['no JSON', '{'],
  ['no object', '[]'],
  ['a secret that is too short', '{"format":1,"tickets":[{"secret":"00"}]}'],
  ['no list', '{"format":1,"tickets":{}}'],
  [
    'an unknown role',
    JSON.stringify({ format: 1, tickets: [{ secret: '00'.repeat(32), role: 'king' }] }),
  ],
] as const) {
  test(`a file with ${why} is damaged, and named`, async (t) => {
    const disk = memoryDisk(new Map([[ticketsFile, Buffer.from(content)]]));
    await t.throwsAsync(IssuedTickets.open(disk), {
      code: 'damaged',
      message: /identity\/tickets\.json/,
    });
  });
}
