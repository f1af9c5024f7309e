/**
 * `.vault` at the root: reachable by name, listed nowhere above, not to be changed. What is in it the
 * vault says (`VaultPort.hidden`); here it gets inodes, for as long as somebody has them.
 */
import { blake3Of } from '../../protocol/hash.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { refusal } from '../errno.ts';
import { FileData } from './file-data.ts';
import { Inode, inodeNumber } from './inode.ts';
import type { Hidden, HiddenDirectory, HiddenFile, NodeId, VaultPort } from './port.ts';
import type { Row } from './rows.ts';

const topName = Buffer.from('.vault');
const writeBits = 0o222;

class VirtualInode extends Inode {
  readonly hidden: Hidden;

  constructor(id: NodeId, hidden: Hidden) {
    super({
      id,
      kind: hidden.kind,
      mode: hidden.kind === 'symlink' ? hidden.mode : hidden.mode & ~writeBits,
      mtime: hidden.mtime,
      xattrs: hidden.xattrs ?? new Map(),
      links: 1,
      target: hidden.kind === 'symlink' ? hidden.target : undefined,
    });
    this.hidden = hidden;
  }
}

export function isVirtual(inode: Inode): inode is VirtualInode {
  return inode instanceof VirtualInode;
}

/** What an error is about, for people: the id of a node, or a place below `.vault`. */
export function subjectOf(inode: Inode): string {
  if (!isVirtual(inode)) return inode.id;
  const [place = ''] = inode.hidden.key.split('\0');
  return `${topName.toString()}/${escapeText(Buffer.from(place, 'latin1').toString())}`;
}

export class Virtual {
  readonly #port: VaultPort;
  readonly #byId = new Map<NodeId, VirtualInode>();

  constructor(port: VaultPort) {
    this.#port = port;
  }

  get count(): number {
    return this.#byId.size;
  }

  top(directory: NodeId, name: Buffer): Inode | undefined {
    if (name.length !== topName.length || !name.equals(topName) || directory !== this.#port.root())
      return undefined;
    return this.#inode(this.#port.hidden);
  }

  /** @throws VaultError `no-key`: nothing but `.vault` is to be seen because names cannot be read here */
  checkReadable(directory: Inode): void {
    const reason = directory.id === this.#port.root() ? this.#port.unreadable?.() : undefined;
    if (reason !== undefined) throw reason;
  }

  async lookup(
    directory: VirtualInode,
    name: Buffer,
    signal?: AbortSignal,
  ): Promise<Inode | undefined> {
    const found = await directoryOf(directory).child(name, signal);
    return found === undefined ? undefined : this.#inode(found);
  }

  async list(directory: VirtualInode, signal?: AbortSignal): Promise<readonly Row[]> {
    const entries = await directoryOf(directory).children(signal);
    return entries.map(({ name, node }) => {
      const id = idOf(node.key);
      const inode = (): Inode => this.#inode(node);
      return { name, id, kind: node.kind, number: inodeNumber(id), inode };
    });
  }

  /** Of a file without a content: what it says now. */
  report({ hidden }: VirtualInode): Promise<Buffer> | undefined {
    if (hidden.kind !== 'file' || typeof hidden.bytes !== 'function') return undefined;
    return hidden.bytes();
  }

  /** `user.vault.version` of an earlier version. */
  version({ hidden }: VirtualInode): Buffer | undefined {
    const { version } = hidden as Partial<HiddenFile>;
    return version === undefined ? undefined : Buffer.from(version);
  }

  /** Somebody less needs it. */
  release(inode: VirtualInode): void {
    if (!inode.isKnown && inode.handles === 0) this.#byId.delete(inode.id);
  }

  #inode(hidden: Hidden): VirtualInode {
    const id = idOf(hidden.key);
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const inode = new VirtualInode(id, hidden);
    if (hidden.kind === 'file' && typeof hidden.bytes !== 'function') {
      const { bytes: content } = hidden;
      inode.data = new FileData(this.#port, content, {
        identity: () => ({ node: id, base: undefined, content }),
        newFile: () => {
          throw refusal('EROFS');
        },
      });
    }
    this.#byId.set(id, inode);
    return inode;
  }
}

function directoryOf({ hidden }: VirtualInode): HiddenDirectory {
  if (hidden.kind === 'directory') return hidden;
  throw refusal('ENOTDIR');
}

function idOf(key: string): NodeId {
  return blake3Of('peervault mount hidden', Buffer.from(key)).toString('hex', 0, 16) as NodeId;
}
