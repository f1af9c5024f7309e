/** What the kernel gets to know is counted, and nothing else: an answer that comes too late counts nothing. */
import test from 'ava';
import { mount as limits } from '../../../protocol/limits.ts';
import {
  errnos,
  inHeaderBytes,
  opcodes,
  outHeaderBytes,
} from '../../../fuse/protocol/constants.ts';
import type { NodeId, VaultPort } from '../../../fuse/operations/port.ts';
import { Session } from '../../../fuse/session/session.ts';
import type { TransportEvents } from '../../../fuse/transport/transport.ts';
import { MemoryVault } from '../../helpers/memory-vault-port.ts';

interface Reply {
  readonly unique: number;
  readonly errno: number;
  readonly bytes: Buffer;
}

async function serve(port: (own: VaultPort) => VaultPort = (own) => own) {
  const vault = new MemoryVault();
  const options = { owner: { uid: 0, gid: 0 }, keepsOwners: true, resumed: false };
  const session = new Session(port(vault.port()), options);
  const replies: Reply[] = [];
  const notified: Buffer[] = [];
  let events!: TransportEvents;
  await session.serve((given) => {
    events = given;
    return {
      reply: (parts) => {
        const bytes = Buffer.concat(parts);
        const errno = Math.abs(bytes.readInt32LE(4));
        replies.push({ unique: bytes.readUInt32LE(8), errno, bytes });
      },
      notify: (message) => {
        notified.push(message);
      },
      close: () => undefined,
    };
  });
  let unique = 0;
  const ask = (opcode: number, body: Buffer, node = 1): number => {
    unique += 1;
    const bytes = Buffer.alloc(inHeaderBytes + body.length);
    bytes.writeUInt32LE(bytes.length, 0);
    bytes.writeUInt32LE(opcode, 4);
    bytes.writeUInt32LE(unique, 8);
    bytes.writeBigUInt64LE(BigInt(node), 16);
    body.copy(bytes, inHeaderBytes);
    events.onRequest(bytes, () => () => undefined);
    return unique;
  };
  return { vault, session, replies, notified, ask, end: () => events.onEnd(undefined) };
}

/** Nothing that is written down arrives before the gate opens. */
function behind(gate: () => Promise<void>): (own: VaultPort) => VaultPort {
  return (own) => {
    const { scratch } = own;
    const create: typeof scratch.create = (name, how) => {
      const file = scratch.create(name, how);
      const append: typeof file.append = (parts) => {
        const { place, done } = file.append(parts);
        return { place, done: gate().then(() => done) };
      };
      return Object.assign(Object.create(file) as typeof file, { append });
    };
    return { ...own, scratch: Object.assign(Object.create(scratch) as typeof scratch, { create }) };
  };
}

const named = (name: string, before: number): Buffer =>
  Buffer.concat([Buffer.alloc(before), Buffer.from(`${name}\0`)]);
function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

const requests: readonly (readonly [string, number, Buffer])[] = [
  ['create', opcodes.create, named('new', 16)],
  ['mkdir', opcodes.mkdir, named('new', 8)],
  ['mknod', opcodes.mknod, Buffer.concat([Buffer.from([0, 0x80, 0, 0]), named('new', 12)])],
  ['symlink', opcodes.symlink, Buffer.from('new\0target\0')],
  ['tmpfile', opcodes.tmpfile, named('', 16)],
];

for (const [name, opcode, body] of requests) {
  test(`${name}: in time the kernel is told of one node; too late of none, and nothing stays open`, async (t) => {
    const inTime = await serve();
    inTime.ask(opcode, body);
    await inTime.vault.pass(1);
    t.deepEqual(
      inTime.replies.map(({ errno }) => errno),
      [0],
    );
    t.is(inTime.session.nodes.size, 2);

    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const late = await serve(behind(() => gate));
    late.ask(opcode, body);
    await late.vault.pass(limits.changeTimeoutMs + limits.lookEveryMs);
    t.deepEqual(
      late.replies.map(({ errno }) => errno),
      [errnos.ETIMEDOUT],
    );
    open(undefined);
    await late.vault.pass(1);
    t.is(late.replies.length, 1, 'one answer');
    t.is(late.session.nodes.size, 1, 'the kernel was told of no node');
    t.is(late.session.files.openCount, 0);
    const isUnnamed = opcode === opcodes.tmpfile;
    const found = late.session.fs.lookup(late.session.fs.root(), Buffer.from('new'));
    t.is(found === undefined, isUnnamed, 'it was made all the same');
    const retracted = late.notified.filter((message) => message.includes('new\0'));
    t.is(
      retracted.length,
      isUnnamed ? 0 : 1,
      'the kernel may have believed that there is no such name',
    );
    t.is(inTime.notified.length, 0);
  });
}

for (const [name, opcode, body, names] of [
  ['rmdir', opcodes.rmdir, named('old', 0), ['old']],
  ['rename', opcodes.rename, Buffer.concat([u64(1), Buffer.from('old\0new\0')]), ['old', 'new']],
] as const) {
  test(`${name}: too late, the kernel is told what it believes of the names in vain`, async (t) => {
    const { promise: closed, resolve: open } = Promise.withResolvers<undefined>();
    let gate: Promise<void> = Promise.resolve();
    const { ask, vault, replies, notified } = await serve(behind(() => gate));
    ask(opcodes.mkdir, named('old', 8));
    await vault.pass(1);
    gate = closed;
    ask(opcode, body);
    await vault.pass(limits.changeTimeoutMs + limits.lookEveryMs);
    t.deepEqual(
      replies.map(({ errno }) => errno),
      [0, errnos.ETIMEDOUT],
    );
    t.is(notified.length, 0);
    open(undefined);
    await vault.pass(1);
    t.deepEqual(
      notified.map((message) => message.subarray(32, -1).toString()),
      names,
    );
  });
}

test('what is asked when the mount ends is opened for nobody', async (t) => {
  const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
  const { session, ask, end, vault } = await serve(behind(() => gate));
  ask(opcodes.create, named('new', 16));
  end();
  open(undefined);
  await vault.pass(1);
  t.is(session.files.openCount, 0);
  await t.notThrowsAsync(session.ended);
});

test('a handle has no number that another agent gave, whose files may still be open', async (t) => {
  const numbers = new Set<bigint>();
  for (const id of ['00000001', 'ffffffff', '7fffffff']) {
    const { ask, replies, vault } = await serve((own) => ({
      ...own,
      newNode: () => id.padEnd(32, '0') as NodeId,
    }));
    for (let count = 0; count < 2; count += 1) {
      ask(opcodes.opendir, Buffer.alloc(8));
      await vault.pass(1);
      const { errno, bytes } = replies[count] ?? {};
      t.is(errno, 0);
      numbers.add(bytes?.readBigUInt64LE(outHeaderBytes) ?? 0n);
    }
  }
  t.is(numbers.size, 6);
  t.true([...numbers].every((number) => number <= BigInt(Number.MAX_SAFE_INTEGER)));
});
