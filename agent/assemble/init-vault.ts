/**
 * Makes a vault in an empty home: identity, owner key and the first statements, each durable before
 * the next, the statements last: a home without them is no vault yet.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { InitOptions, InitResult, InitVault } from '../agent.types.ts';
import { createVault } from '../members/genesis.ts';
import { lookAtIdentity, saveIdentity, saveOwnerKey } from '../members/identity-file.ts';
import type { Ports } from '../ports.ts';
import { identityWrap } from './stretch-port.ts';
import { openDiskStore } from '../store/disk-store.ts';

export const initVault: InitVault = async (
  ports: Ports,
  { name, passphrase }: InitOptions,
): Promise<InitResult> => {
  if ((await lookAtIdentity(ports.disk)) !== undefined) {
    throw new VaultError('exists', {
      op: 'vault.init',
      subject: 'the home',
      detail: 'it holds a device already',
      next: 'choose another home with --home',
    });
  }
  const made = createVault(ports.random, { name });
  await saveIdentity(ports.disk, made.identity, identityWrap(ports, passphrase));
  await saveOwnerKey(ports.disk, made.ownerSeed, { ...ports, identity: made.identity });
  await storeStatements(ports, made.statements);
  return { vault: made.vault, device: made.identity.device, recoveryWords: made.recoveryWords };
};

/** Puts the first statements into a new store. */
export async function storeStatements(
  ports: Ports,
  statements: readonly Uint8Array[],
): Promise<void> {
  const { disk, index, clock, log } = ports;
  const store = await openDiskStore({
    disk,
    index,
    clock,
    log,
    onEvent: () => undefined,
    // The agent makes one, as large as it is told.
    options: { ballastBytes: 0 },
  });
  try {
    await store.statements.append(statements);
  } finally {
    await store.close();
  }
}
