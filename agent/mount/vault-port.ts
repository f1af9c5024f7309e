/** The vault as the file system wants it (`fuse/operations/port.ts`): the one place that knows both. */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { NodeId } from '../../protocol/ids.ts';
import type {
  HiddenDirectory,
  Scratch,
  StoredContent,
  VaultPort,
} from '../../fuse/operations/port.ts';
import type { VersionView } from '../namespace/tree.types.ts';
import { inspectContent, type LocalContent } from '../vault/local-content.ts';
import type { VaultParts } from '../vault/vault.ts';
import { formatPath } from '../vault/path.ts';
import { formatVersion } from '../vault/version-id.ts';
import { ContentReader } from './content-reader.ts';
import type { Failures } from './failures.ts';
import type { OwnOps } from './own-ops.ts';
import { publishChange } from './publish-change.ts';
import { SharedIngest } from './shared-ingest.ts';
import { storeFile, type Stored } from './store-file.ts';

export interface VaultPortParts {
  readonly vault: VaultParts;
  readonly ownOps: OwnOps;
  readonly scratch: Scratch;
  readonly failures: Pick<Failures, 'add' | 'latest'>;
  readonly freeBytes: () => number;
  /** Whether this device has the keys of names. */
  readonly readsNames: () => boolean;
  /** What is below `.vault`. */
  readonly hidden: HiddenDirectory;
}

export function createVaultPort(parts: VaultPortParts): VaultPort {
  const { vault } = parts;
  const publishing = { ...vault, ownOps: parts.ownOps };
  const { tree } = vault;
  const reader = new ContentReader(vault);
  let ingest: SharedIngest | undefined;
  const currentIngest = (): SharedIngest => {
    if (ingest?.epoch !== vault.writeKeys().epoch.id) ingest = new SharedIngest(vault);
    return ingest;
  };
  return {
    root: () => tree.root().id,
    readOnly: () => whyUnreadable(parts) ?? whyReadOnly(vault),
    room: (bytes) => vault.store.admit?.(bytes),
    unreadable: () => whyUnreadable(parts),
    node: (id) => tree.node(id),
    version: (id) => tree.versionsOf(id)[0],
    child: (directory, name) => tree.child(directory, name),
    children: (directory) => tree.list(directory),
    places: (id) =>
      tree
        .placesOf(id)
        .filter(({ isListed }) => isListed)
        .map(({ parent, name }) => ({ parent: tree.mergedWith(parent)[0]?.node ?? parent, name })),
    read: (content, offset, length, options) => reader.read(content, offset, length, options),
    lease: () => reader.lease(),
    newNode: () => vault.random.bytes(16).toString('hex') as NodeId,
    store: (source) => storeFile(vault, currentIngest, source),
    publish: (change) =>
      publishChange(publishing, change, 'content' in change ? storedOf(change.content) : undefined),
    space: () => {
      const totals = tree.totals();
      const freeBytes = parts.freeBytes();
      const files = totals.files + totals.directories + totals.symlinks;
      return { totalBytes: freeBytes + totals.bytes, freeBytes, files };
    },
    about: (id, what) => aboutNode(parts, id, what),
    hidden: parts.hidden,
    scratch: parts.scratch,
    clock: vault.clock,
    trouble: (error, subject) => {
      parts.failures.add(error, subject);
    },
  };
}

function whyUnreadable({ readsNames }: VaultPortParts): VaultError | undefined {
  if (readsNames()) return undefined;
  return new VaultError('no-key', {
    op: 'mount',
    subject: 'this device',
    detail: 'it stores the vault and cannot read it',
    next: 'an admin can give it another role: vault role',
  });
}

function whyReadOnly({ writeKeys }: VaultParts): VaultError | undefined {
  try {
    writeKeys();
    return undefined;
  } catch (error) {
    if (isVaultError(error)) return error;
    throw error;
  }
}

/** What `store` gave comes back with the change that uses it. */
function storedOf(content: StoredContent | undefined): Stored | undefined {
  return content as Stored | undefined;
}

/** The values of `user.vault.*`. */
async function aboutNode(
  { vault, failures }: VaultPortParts,
  id: NodeId,
  what: string,
): Promise<Buffer | undefined> {
  const version = vault.tree.versionsOf(id)[0];
  if (version === undefined) return undefined;
  switch (what) {
    case 'version':
      return Buffer.from(formatVersion(version.op));
    case 'copies':
    case 'state':
    case 'why': {
      const local = await inspectContent(vault, version.content);
      const text = describe(vault, version, { local, what });
      const path = what === 'why' ? vault.tree.pathOf(id) : undefined;
      const failure = path === undefined ? undefined : failures.latest(formatPath(path));
      if (failure === undefined) return Buffer.from(text);
      return Buffer.from(`${text}; an error at ${failure.time}: ${failure.message}`);
    }
    default:
      return undefined;
  }
}

function describe(
  vault: VaultParts,
  version: VersionView,
  { local, what }: { readonly local: LocalContent; readonly what: 'copies' | 'state' | 'why' },
): string {
  const { chunks, missing, known } = local;
  const isHere = missing.length === 0 && known;
  if (what === 'state') return isHere ? 'here' : missing.length === chunks ? 'elsewhere' : 'partly';
  const copies = copiesOf(vault, version, isHere);
  if (what === 'copies') return String(copies);
  if (isHere) return 'everything is on this device';
  const pieces = `${String(missing.length)} of ${String(chunks)} pieces are not on this device`;
  const others = copies === 0 ? 'no other device has said that it has them' : 'they can be fetched';
  return `${pieces}; ${others}`;
}

/** Devices that have the version whole, as far as they have said so; this one among them. */
function copiesOf({ replication }: VaultParts, { op }: VersionView, isHere: boolean): number {
  let copies = isHere ? 1 : 0;
  for (const { complete } of replication.state().holdings.values()) {
    if ((complete.get(op.journal) ?? 0) >= op.sequence) copies += 1;
  }
  return copies;
}
