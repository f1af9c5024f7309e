/** Hands the vault to the file system: the one place where the two meet. */
import type { StatusReport } from '../../protocol/control/reports.ts';
import { escapeJson } from '../../protocol/text/escape.ts';
import type { StartOptions } from '../agent.types.ts';
import { deriveKey } from '../members/derive.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { Mounts } from '../mount/mounts.ts';
import { Failures } from '../mount/failures.ts';
import { hiddenRoot } from '../mount/hidden/root.ts';
import { OwnOps } from '../mount/own-ops.ts';
import { openScratch } from '../mount/scratch.ts';
import { createVaultPort } from '../mount/vault-port.ts';
import type { Ports } from '../ports.ts';
import type { ConflictIndex } from '../vault/conflict-index.ts';
import type { Moments } from '../vault/moments.ts';
import type { VaultParts } from '../vault/vault.ts';

export interface MountsSources {
  readonly ports: Ports;
  readonly options: StartOptions;
  readonly vault: VaultParts;
  readonly identity: DeviceIdentity;
  readonly freeBytes: () => number;
  readonly readsNames: () => boolean;
  readonly status: () => Promise<StatusReport>;
  readonly moments: Moments;
  readonly conflicts: ConflictIndex;
}

export function createMounts(sources: MountsSources): Mounts {
  const { ports, options, vault, identity } = sources;
  const { disk, clock, random } = ports;
  const secret = deriveKey(identity.secrets.signSeed.reveal(), 'device/mount');
  const log = ports.log.child('mount');
  const ownOps = new OwnOps();
  const failures = new Failures({ tree: vault.tree, clock, log });
  const hidden = hiddenRoot(sources, {
    status: async () => jsonOf({ ...(await sources.status()), failures: failures.rows() }),
    trace: () => Promise.resolve(jsonOf(mounts.trace())),
  });
  const mounts = new Mounts({
    disk,
    clock,
    log,
    home: options.home,
    ownOps,
    failures,
    tree: vault.tree,
    port: async () =>
      createVaultPort({
        vault,
        ownOps,
        failures,
        scratch: await openScratch({ disk, random, secret }),
        freeBytes: sources.freeBytes,
        readsNames: sources.readsNames,
        hidden,
      }),
  });
  return mounts;
}

function jsonOf(value: unknown): Buffer {
  return Buffer.from(`${escapeJson(JSON.stringify(value, undefined, 2))}\n`);
}
