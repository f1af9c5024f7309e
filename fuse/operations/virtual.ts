/**
 * `.vault` at the root: reachable by name, listed nowhere above, not to be changed. Its files are made
 * when they are opened.
 */
import { Inode } from './inode.ts';
import type { NodeId, VaultPort } from './port.ts';
import type { Row } from './file-system.ts';

const topName = Buffer.from('.vault');
const prefix = 'fffffffffff';

class VirtualInode extends Inode {
  /** Of a file: its report. */
  readonly report: string | undefined;

  constructor(id: NodeId, report: string | undefined) {
    super({
      id,
      kind: report === undefined ? 'directory' : 'file',
      mode: report === undefined ? 0o555 : 0o444,
      mtime: { seconds: 0, nanoseconds: 0 },
      xattrs: new Map(),
      links: 1,
    });
    this.report = report;
  }
}

export function isVirtual(inode: Inode): inode is VirtualInode {
  return inode instanceof VirtualInode;
}

export class Virtual {
  readonly #port: VaultPort;
  readonly #top = new VirtualInode(idOf(0), undefined);
  readonly #files: readonly { readonly name: Buffer; readonly inode: VirtualInode }[];

  constructor(port: VaultPort) {
    this.#port = port;
    this.#files = port.reports.map((report, index) => ({
      name: Buffer.from(report),
      inode: new VirtualInode(idOf(index + 1), report),
    }));
  }

  top(name: Buffer): Inode | undefined {
    return name.equals(topName) ? this.#top : undefined;
  }

  lookup(_directory: Inode, name: Buffer): Inode | undefined {
    return this.#files.find((file) => file.name.equals(name))?.inode;
  }

  list(): readonly Row[] {
    return this.#files.map(({ name, inode }) => ({
      name,
      kind: 'file',
      number: inode.number,
      inode: () => inode,
    }));
  }

  byNumber(number: number): Inode | undefined {
    const all = [this.#top, ...this.#files.map(({ inode }) => inode)];
    return all.find((inode) => inode.number === number);
  }

  read(inode: VirtualInode): Promise<Buffer> {
    return this.#port.report(inode.report ?? '');
  }
}

function idOf(index: number): NodeId {
  return `${prefix}${index.toString(16)}${'f'.repeat(20)}` as NodeId;
}
