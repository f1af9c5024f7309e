/** What the agent stands on before anything else: its identity and its store. */
import { VaultError } from '../../protocol/errors.ts';
import type { NamedChunk } from '../../protocol/messages/op.ts';
import type { StartOptions } from '../agent.types.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { loadIdentity } from '../members/identity-file.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { Ports } from '../ports.ts';
import { openDiskStore } from '../store/disk-store.ts';
import type { IndexedStore, StoreListener } from '../store/store.ts';
import type { AnchorKeeper } from '../vault/anchor-keeper.ts';
import type { EventLog } from '../vault/event-log.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { Teller } from './tell-events.ts';

/** What is there before the store is open. */
export interface Ground {
  readonly ports: Ports;
  readonly options: StartOptions;
  readonly identity: DeviceIdentity;
  readonly events: EventLog;
  readonly tell: Teller;
  readonly chunkLost: ChunkLost;
  readonly audit: AuditLog;
  readonly recorder: AuditRecorder;
  readonly anchor: AnchorKeeper;
  /** Closes what was open before the agent was. */
  readonly end: () => Promise<void>;
}

/** Who hears of a damaged chunk: nobody before replication is there, which looks for itself then. */
export interface ChunkLost {
  tell: (chunk: NamedChunk) => void;
}

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
