/**
 * What a call needs of this device's role, as a total table: a method without a row does not compile. The
 * others refuse what a role does not allow anyway; here whoever asks hears at once why, in one voice.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlMethod } from '../../protocol/methods.ts';
import { capabilities } from '../members/membership.ts';
import type { MembersService } from '../vault/members-service.ts';

/** `read`: names and content. `write`: changes of the tree. `lead`: says who belongs to the vault. */
export type Need = 'nothing' | 'read' | 'write' | 'lead';

export const needs: Readonly<Record<ControlMethod, Need>> = {
  status: 'nothing',
  list: 'read',
  stat: 'read',
  put: 'write',
  get: 'read',
  makeDirectory: 'write',
  remove: 'write',
  move: 'write',
  copy: 'write',
  diskFree: 'nothing',
  invite: 'lead',
  members: 'nothing',
  peers: 'nothing',
  peerAdd: 'nothing',
  peerRemove: 'nothing',
  transfers: 'nothing',
  events: 'nothing',
  doctor: 'nothing',
  config: 'nothing',
  configSet: 'nothing',
  shutdown: 'nothing',
  log: 'read',
  restore: 'write',
  undelete: 'write',
  trash: 'read',
  conflicts: 'read',
  resolve: 'write',
  moment: 'read',
  snapshots: 'read',
  snapshotTake: 'write',
  snapshotDrop: 'write',
  compare: 'read',
  restoreAt: 'write',
  diskUsage: 'read',
  // It says that a device without keys cannot know, and what to do.
  why: 'nothing',
  // Notes are operations: who only reads can say nothing that the others take.
  say: 'write',
  notes: 'read',
  retention: 'read',
  retentionSet: 'write',
  // What would go may be seen by every reader; letting go asks who leads.
  forget: 'read',
  collect: 'nothing',
  // As with letting go: looking is for readers, the statement is for who leads.
  fold: 'read',
  watch: 'nothing',
  transferSteer: 'nothing',
  transferFirst: 'read',
  pieces: 'read',
  limit: 'nothing',
  mount: 'read',
  unmount: 'nothing',
  // It names files.
  trace: 'read',
  journals: 'nothing',
  journalChoose: 'lead',
  revoke: 'lead',
  role: 'lead',
  keys: 'nothing',
  keysRotate: 'lead',
  approvals: 'nothing',
  approve: 'lead',
  unlock: 'nothing',
  lock: 'nothing',
  passphrase: 'nothing',
  keysBackup: 'nothing',
  audit: 'nothing',
  auditVerify: 'nothing',
  // Whoever has the words needs no role.
  recoverCheck: 'nothing',
  recoverRestore: 'nothing',
};

/**
 * @throws VaultError `no-key` on a device that reads nothing, `not-member` and `read-only` on one that does
 *   not write, `denied` on one that has no say
 */
export function checkRight(
  members: Pick<MembersService, 'current' | 'keyring'>,
  asked: { readonly device: string; readonly method: ControlMethod; readonly speaks: boolean },
): void {
  const need = needs[asked.method];
  if (need === 'nothing') return;
  const self = [...members.current().members.values()].find(
    ({ device }) => device === asked.device,
  );
  if (need === 'lead') {
    if (!asked.speaks) throw refused('denied', self?.active === true ? self.role : undefined);
    return;
  }
  if (members.keyring().vault === undefined) throw refused('no-key', self?.role);
  if (need === 'read') return;
  if (self?.active !== true) throw refused('not-member', undefined);
  if ((self.capabilities & capabilities.write) === 0) throw refused('read-only', self.role);
}

function refused(
  code: 'no-key' | 'not-member' | 'read-only' | 'denied',
  role: string | undefined,
): VaultError {
  const details = {
    'no-key':
      'it is blind: it stores sealed chunks and journals, and can read no name and no content',
    'not-member': 'it was sent away',
    'read-only': `its role is ${role ?? 'none'}`,
    denied:
      role === undefined ? 'it was sent away' : `its role is ${role}, and this is an admin's to do`,
  };
  const nexts = {
    'no-key': 'do it on a device that reads: vault members shows the roles',
    'not-member': 'ask an admin for a ticket, and join with it from an empty home',
    'read-only': 'do it on a device that may write, or ask an admin: vault role DEVICE writer',
    denied: 'do it on a device whose role is admin: vault members shows the roles',
  };
  return new VaultError(code, {
    op: 'control.checkRight',
    subject: 'this device',
    detail: details[code],
    next: nexts[code],
  });
}
