/**
 * Puts a device back from a backup of its keys: its identity, the membership log, and where the others
 * were. It has no journal, so its first change opens a new incarnation and nothing forks. It may issue no
 * statement before it has met another device: one that it issued after the backup would be contradicted,
 * and that freezes an issuer (`vault/restored.ts`).
 */
import type { JoinResult, RestoreKeys, RestoreOptions } from '../agent.types.ts';
import { idFromBytes, idToBytes } from '../../protocol/ids.ts';
import { VaultError } from '../../protocol/errors.ts';
import { saveIdentity, saveOwnerKey } from '../members/identity-file.ts';
import { decodeKeyBackup } from '../members/key-backup.ts';
import { verifyStatement } from '../members/signed-statement.ts';
import { saveBook } from '../peer/book-file.ts';
import { bookPath } from '../peer/book-keeper.ts';
import type { Ports } from '../ports.ts';
import { markRestored } from '../vault/restored.ts';
import { storeStatements } from './init-vault.ts';
import { identityWrap, stretchOn } from './stretch-port.ts';

export const restoreKeys: RestoreKeys = async (
  ports: Ports,
  { backup: bytes, file, passphrase }: RestoreOptions,
): Promise<JoinResult> => {
  const backup = await decodeKeyBackup(bytes, {
    file,
    passphrase,
    stretch: stretchOn(ports.work),
  });
  const { identity, ownerSeed, statements, wrapped, peers } = backup;
  const vault = vaultIn(statements, file);
  await saveIdentity(ports.disk, identity, identityWrap(ports, wrapped ? passphrase : undefined));
  if (ownerSeed !== undefined) await saveOwnerKey(ports.disk, ownerSeed, { ...ports, identity });
  await saveBook(ports.disk, bookPath, {
    counter: 0,
    ownAddresses: [],
    unknown: [],
    devices: peers
      .filter(({ device }) => device !== identity.device)
      .map(({ device, addresses }) => ({
        device,
        given: addresses,
        record: undefined,
        lastGood: undefined,
        lastSeenMs: undefined,
      })),
  });
  await markRestored(ports.disk);
  await storeStatements(ports, statements);
  return { vault, device: identity.device };
};

function vaultIn(statements: readonly Uint8Array[], file: string): JoinResult['vault'] {
  for (const signed of statements) {
    const { statement } = verifyStatement(signed);
    if (statement.kind.type === 'genesis') return idFromBytes('vault', idToBytes(statement.id));
  }
  throw new VaultError('damaged', {
    op: 'keys.restore',
    subject: file,
    detail: 'the statement that founded the vault is missing',
  });
}
