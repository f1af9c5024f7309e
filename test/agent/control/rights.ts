/**
 * The table roles × calls of the control socket, cell by cell, against a table that is written down here a
 * second time. `test/simulation/members.ts` asks running agents.
 */
import test from 'ava';
import { checkRight, needs } from '../../../agent/control/rights.ts';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { controlMethods, type ControlMethod } from '../../../protocol/methods.ts';
import { keyringOf, revocationOf, smallVault } from '../../helpers/small-vault.ts';

/** Every call: what comes later has to be given a place here, too. */
const calls = {
  reading: [
    ...(['list', 'stat', 'get', 'log', 'trash', 'conflicts', 'moment', 'snapshots'] as const),
    ...([
      'compare',
      'diskUsage',
      'mount',
      'notes',
      'retention',
      'forget',
      'transferFirst',
      'fold',
      'pieces',
      'trace',
    ] as const),
  ],
  writing: [
    ...(['put', 'makeDirectory', 'remove', 'move', 'copy', 'restore', 'undelete'] as const),
    ...(['resolve', 'snapshotTake', 'snapshotDrop', 'restoreAt', 'say', 'retentionSet'] as const),
  ],
  leading: ['invite', 'approve', 'role', 'revoke', 'keysRotate', 'journalChoose'],
  open: [
    ...(['status', 'members', 'peers', 'peerAdd', 'peerRemove', 'transfers', 'events'] as const),
    ...(['doctor', 'config', 'configSet', 'why', 'shutdown', 'diskFree', 'unmount'] as const),
    ...(['journals', 'keys', 'approvals', 'recoverCheck', 'recoverRestore', 'collect'] as const),
    ...(['watch', 'transferSteer', 'limit', 'unlock', 'lock', 'passphrase'] as const),
    ...(['keysBackup', 'audit', 'auditVerify'] as const),
  ],
} satisfies Readonly<Record<string, readonly ControlMethod[]>>;

const vault = smallVault('rights');
const devices: Readonly<Record<string, DeviceIdentity>> = {
  owner: vault.first,
  admin: vault.admit('admin'),
  writer: vault.admit('writer'),
  reader: vault.admit('reader'),
  blind: vault.admit('blind'),
  'former writer': vault.admit('writer'),
  'former blind': vault.admit('blind'),
};
for (const name of ['former writer', 'former blind']) {
  vault.log.issue(vault.owner, revocationOf(devices[name]!));
}
const speakers = new Set(['owner', 'admin']);

/** By role: what reading, writing and leading calls are answered with; undefined: they are done. */
const answers: Readonly<Record<string, readonly (string | undefined)[]>> = {
  owner: [undefined, undefined, undefined],
  admin: [undefined, undefined, undefined],
  writer: [undefined, undefined, 'denied'],
  reader: [undefined, 'read-only', 'denied'],
  blind: ['no-key', 'no-key', 'denied'],
  'former writer': [undefined, 'not-member', 'denied'],
  'former blind': ['no-key', 'no-key', 'denied'],
};

function answerTo(role: string, method: ControlMethod): string | undefined {
  const identity = devices[role]!;
  const members = {
    current: () => evaluateMembership(vault.log.statements()),
    keyring: () => keyringOf(vault.log, identity),
  };
  try {
    checkRight(members, { device: identity.device, method, speaks: speakers.has(role) });
    return undefined;
  } catch (error) {
    if (!isVaultError(error) || error.next === undefined) throw error;
    return error.code;
  }
}

for (const [role, [reads, writes, leads]] of Object.entries(answers)) {
  test(`every call of the control socket on a device that is ${role}`, (t) => {
    for (const method of calls.reading) t.is(answerTo(role, method), reads, method);
    for (const method of calls.writing) t.is(answerTo(role, method), writes, method);
    for (const method of calls.leading) t.is(answerTo(role, method), leads, method);
    for (const method of calls.open) t.is(answerTo(role, method), undefined, method);
  });
}

test('every call is in the table, once', (t) => {
  const placed = Object.values(calls).flat();
  t.deepEqual(placed.toSorted(), Object.keys(controlMethods).sort() as ControlMethod[]);
});

test('the table says of every call what the agent asks for', (t) => {
  const wanted = { reading: 'read', writing: 'write', leading: 'lead', open: 'nothing' } as const;
  for (const [kind, methods] of Object.entries(calls)) {
    for (const method of methods) t.is(needs[method], wanted[kind as keyof typeof wanted], method);
  }
});
