/**
 * Who may do what, with real processes: roles, sending away, new keys, a device that only stores, and the
 * recovery words when the only admin's machine is gone.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type {
  ApprovalRow,
  KeysReport,
  MemberChangeReport,
  RecoverReport,
} from '../../protocol/control/member-reports.ts';
import type {
  EventRecord,
  JournalRow,
  MemberRow,
  PeerRow,
  Reason,
  WhyReport,
} from '../../protocol/control/reports.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
  type Outcome,
} from '../helpers/real-device.ts';

async function put(device: RealDevice, path: string, content: string): Promise<Outcome> {
  return device.run('vault', ['put', '-p', '-', path], { input: content });
}

async function cat(device: RealDevice, path: string): Promise<string> {
  return mustSucceed(await device.vault('cat', path)).stdout;
}

async function team(
  t: ExecutionContext,
  roles: Readonly<Record<string, string>>,
): Promise<RealDevice[]> {
  const folder = await temporaryFolder(t);
  const owner = new RealDevice(t, folder, 'laptop');
  await owner.init();
  await owner.start();
  const others: RealDevice[] = [];
  for (const [name, role] of Object.entries(roles)) {
    const device = new RealDevice(t, folder, name);
    await device.join(await owner.invite(role));
    await device.start();
    others.push(device);
  }
  return [owner, ...others];
}

function errorOf(outcome: Outcome): { code: string; detail: string; next: string } {
  const { error } = JSON.parse(outcome.stderr) as {
    error: { code: string; message: string; next: string };
  };
  return { code: error.code, detail: error.message, next: error.next };
}

async function eventTypes(device: RealDevice): Promise<string[]> {
  const { stdout } = mustSucceed(await device.vault('events', '-n', '1000', '--json'));
  return stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as EventRecord).type);
}

async function reasonsFor(device: RealDevice, path: string): Promise<readonly Reason[]> {
  const { stdout } = await device.vault('why', path, '--json');
  return (JSON.parse(stdout) as WhyReport).reasons;
}

test('a device is sent away: what it wrote stays, what comes later is hidden, the keys are new', async (t) => {
  const [laptop, nas, phone] = (await team(t, { nas: 'writer', phone: 'writer' })) as [
    RealDevice,
    RealDevice,
    RealDevice,
  ];
  mustSucceed(await put(nas, 'kept', 'from before'));
  await settle([laptop, nas, phone]);
  const before = (await laptop.json('keys')) as KeysReport;
  t.is((await phone.vault('revoke', 'nas', '--yes')).code, 5, 'a writer has no say');
  t.is(
    (await laptop.vault('revoke', 'nas')).code,
    2,
    'without a terminal somebody has to say --yes',
  );
  t.is((await laptop.vault('revoke', 'nobody', '--yes')).code, 3);
  t.is((await laptop.vault('revoke', 'laptop', '--yes')).code, 2, 'not itself');

  const report = (await laptop.json(
    ...['revoke', 'nas', '--reason', 'lost', '--yes'],
  )) as MemberChangeReport;
  t.is(report.state, 'revoked');
  t.is(report.reason, 'lost');
  t.true(report.journals.every(({ counts, hidden }) => counts > 0 && hidden === 0));
  t.not(report.epoch, null);
  t.is(report.memberKeyGeneration, 2);
  for (const device of [laptop, phone]) {
    await eventually(`${device.name} has closed the connection`, async () => {
      const peers = (await device.json('peers')) as PeerRow[];
      return !peers.some(({ name, online }) => name === 'nas' && online);
    });
    t.is(await cat(device, 'kept'), 'from before');
    const keys = (await device.json('keys', 'list')) as KeysReport;
    t.not(keys.currentEpoch, before.currentEpoch);
    t.deepEqual(keys.epochs[0]?.readers, ['laptop', 'phone']);
    t.deepEqual(keys.epochs[0]?.formerReaders, []);
    t.deepEqual(keys.epochs[1]?.formerReaders, ['nas']);
  }
  await eventually('the device itself has heard', async () =>
    (await nas.status()).reasons.some(({ code }) => code === 'sent-away'),
  );
  t.is(errorOf(await nas.vault('rm', 'kept', '--json')).code, 'not-member');
  t.true((await reasonsFor(nas, 'kept')).some(({ code }) => code === 'sent-away'));
  mustSucceed(await put(phone, 'later', 'with the new key'));
  await settle([laptop, phone]);
  t.is(await cat(laptop, 'later'), 'with the new key');
  t.is((await nas.vault('cat', 'later')).code, 3, 'nobody tells it any more');
  const types = await eventTypes(phone);
  for (const type of ['member-revoked', 'epoch-opened', 'member-key-renewed']) {
    t.true(types.includes(type), type);
  }

  // The line is moved: back to nothing, and to everything again.
  const none = (await laptop.json(
    'revoke',
    'nas',
    '--until',
    'none',
    '--yes',
  )) as MemberChangeReport;
  t.true(none.journals.every(({ counts, hidden }) => counts === 0 && hidden > 0));
  t.is(none.reason, 'lost', 'the reason stays');
  t.is(none.epoch, null, 'the keys are right already');
  await settle([laptop, phone]);
  t.is((await phone.vault('stat', 'kept')).code, 3);
  t.regex(mustSucceed(await phone.vault('journal')).stdout, /cut off/);
  const hidden = (await reasonsFor(phone, 'kept')).find(({ code }) => code === 'author-sent-away');
  t.regex(hidden?.message ?? '', /changes by nas .* do not count: nas was sent away as lost/);
  t.regex(hidden?.next ?? '', /vault revoke --until all nas/);
  await laptop.json('revoke', 'nas', '--until', 'all', '--yes');
  await settle([laptop, phone]);
  t.is(await cat(phone, 'kept'), 'from before');
});

test('a newcomer waits until an admin has compared the words', async (t) => {
  const [laptop] = (await team(t, {})) as [RealDevice];
  const folder = await temporaryFolder(t);
  const image = join(folder, 'ticket.svg');
  const { ticket } = (await laptop.json('invite', '--approve', '--qr-file', image)) as {
    ticket: string;
  };
  t.regex(await readFile(image, 'utf8'), /^<svg /);
  t.is((await laptop.vault('invite', '--qr-file', image)).code, 4, 'it is not written over');
  t.is((await laptop.vault('approve', '--yes')).code, 3, 'nobody is there yet');
  const nas = new RealDevice(t, folder, 'nas');
  const joining = nas.launch('vaultd', ['join', ticket, '--name', 'nas']);
  let shown = '';
  joining.child.stderr.on('data', (piece: Buffer) => (shown += piece.toString()));
  let rows: ApprovalRow[] = [];
  await eventually('somebody waits', async () => {
    rows = (await laptop.json('approve', '--list')) as ApprovalRow[];
    return rows.length === 1;
  });
  const row = rows[0]!;
  t.is(row.name, 'nas');
  t.is(row.role, 'writer');
  await eventually('both sides show the words', () =>
    Promise.resolve(shown.includes(row.fingerprint)),
  );
  t.true((await laptop.status()).reasons.some(({ code }) => code === 'approval-wanted'));
  t.is((await laptop.vault('approve')).code, 2, 'without a terminal somebody has to say --yes');
  mustSucceed(await laptop.vault('approve', 'nas', '--yes'));
  mustSucceed(await joining.outcome);
  await nas.start();
  const members = (await laptop.json('members')) as MemberRow[];
  t.is(members.find(({ name }) => name === 'nas')?.fingerprint, row.fingerprint);
  t.deepEqual(await laptop.json('approve', '--list'), []);

  const second = (await laptop.json('invite', '--approve')) as { ticket: string };
  const stranger = new RealDevice(t, folder, 'stranger');
  const refused = stranger.launch('vaultd', ['join', second.ticket, '--name', 'stranger']);
  await eventually('the next one waits', async () =>
    ((await laptop.json('approve', '--list')) as ApprovalRow[]).some(
      ({ name }) => name === 'stranger',
    ),
  );
  mustSucceed(await laptop.vault('approve', 'stranger', '--reject'));
  t.is((await refused.outcome).code, 5);
  t.is((await stranger.vaultd('join', second.ticket)).code, 2, 'the ticket is void');
});

test('the only admin laptop is gone: the words make another device the owner', async (t) => {
  const [laptop, nas] = (await team(t, { nas: 'blind' })) as [RealDevice, RealDevice];
  mustSucceed(await put(laptop, 'kept', 'from before'));
  const written = async (device: RealDevice): Promise<number> => {
    const rows = (await device.json('journal')) as JournalRow[];
    return Math.max(0, ...rows.flatMap((row) => (row.deviceId === laptop.id ? row.sequence : [])));
  };
  const all = await written(laptop);
  t.true(all > 0);
  await eventually('the blind device has it all', async () => (await written(nas)) >= all);
  const words = `${laptop.home}.words`;
  const other = new RealDevice(t, await temporaryFolder(t), 'other');
  await other.init();
  const foreign = `${other.home}.words`;
  await laptop.kill();

  t.is(errorOf(await nas.vault('ls', '--json')).code, 'no-key');
  t.is((await nas.vault('recover', 'check', '--recovery-file', foreign)).code, 5);
  t.is((await nas.vault('recover', 'restore', '--recovery-file', foreign, '--yes')).code, 5);
  t.is((await nas.run('vault', ['recover', '--recovery-file', '-'], { input: 'a b c' })).code, 2);
  t.is((await nas.vault('recover', 'check')).code, 2, 'there is no terminal');
  const check = (await nas.json('recover', 'check', '--recovery-file', words)) as RecoverReport;
  t.deepEqual([check.matches, check.restored, check.owner], [true, false, false]);
  t.is(errorOf(await nas.vault('invite', '--json')).code, 'denied');
  const restored = (await nas.json(
    ...['recover', 'restore', '--recovery-file', words, '--yes'],
  )) as RecoverReport;
  t.deepEqual([restored.restored, restored.owner], [true, true]);
  t.deepEqual(restored.admins.toSorted(), ['laptop', 'nas']);
  await eventually('it reads with the words', async () => {
    return (await nas.vault('cat', 'kept')).stdout === 'from before';
  });
  mustSucceed(await nas.vault('revoke', 'laptop', '--reason', 'lost', '--yes'));
  t.is(await cat(nas, 'kept'), 'from before', 'what the laptop wrote stays');
  const fresh = new RealDevice(t, await temporaryFolder(t), 'fresh');
  await fresh.join(await nas.invite('admin'));
  await fresh.start();
  mustSucceed(await put(fresh, 'new', 'life goes on'));
  await settle([nas, fresh]);
  t.is(await cat(nas, 'new'), 'life goes on');
  // The ownership goes on to the new machine, and the first one stores again, and reads nothing new.
  mustSucceed(await fresh.vault('recover', 'restore', '--recovery-file', words, '--yes'));
  mustSucceed(await fresh.vault('role', 'nas', 'blind'));
  await eventually('it is blind again', async () => (await nas.status()).role === 'blind');
  const row = ((await fresh.json('members')) as MemberRow[]).find(({ owner }) => owner);
  t.is(row?.name, 'fresh');
  // The laptop comes back from wherever it was: nobody lets it in.
  await laptop.start();
  // Between its handshake and the answer that it belongs no more, it takes itself for connected.
  await eventually('it is turned away', async () => (await laptop.status()).peersOnline === 0);
  for (const device of [nas, fresh]) {
    const rows = (await device.json('peers')) as {
      readonly deviceId: string;
      readonly online: boolean;
    }[];
    t.false(
      rows.some(({ deviceId, online }) => deviceId === laptop.id && online),
      device.name,
    );
  }
});
