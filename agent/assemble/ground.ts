/** What the agent stands on before anything else: its identity, its store, and whose vault that is. */
import { VaultError } from '../../protocol/errors.ts';
import { idFromBytes, idToBytes, type VaultId } from '../../protocol/ids.ts';
import type { StartOptions } from '../agent.types.ts';
import { loadIdentity } from '../members/identity-file.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { verifyStatement } from '../members/signed-statement.ts';
import type { Ports } from '../ports.ts';
import { openDiskStore } from '../store/disk-store.ts';
import type { IndexedStore, StoreListener } from '../store/store.ts';

/** @throws VaultError `home-invalid`, `locked` */
export async function requireIdentity(ports: Ports): Promise<DeviceIdentity> {
  const identity = await loadIdentity(ports.disk);
  if (identity !== undefined) return identity;
  throw new VaultError('home-invalid', {
    op: 'agent.start',
    subject: 'identity/device.json',
    detail: 'it is missing',
    next: 'make a vault with vaultd init, or join one with vaultd join',
  });
}

export async function openStore(
  { disk, index, clock, log }: Ports,
  { config }: StartOptions,
  onEvent: StoreListener,
): Promise<IndexedStore> {
  return openDiskStore({
    disk,
    index,
    clock,
    log: log.child('store'),
    onEvent,
    options: {
      ballastBytes: config.value('store.ballast-bytes'),
      freeBytesMin: config.value('store.free-bytes-min'),
    },
  });
}

/** The id of the genesis is the vault's. */
export function vaultOf(store: IndexedStore): VaultId {
  for (const signed of store.statements.all()) {
    const { statement } = verifyStatement(signed);
    if (statement.kind.type === 'genesis') return idFromBytes('vault', idToBytes(statement.id));
  }
  throw new VaultError('damaged', {
    op: 'agent.start',
    subject: 'journals/members.log',
    detail: 'the statement that founded the vault is missing',
    next: 'restore the home from a backup, or join the vault again from an empty home',
  });
}
