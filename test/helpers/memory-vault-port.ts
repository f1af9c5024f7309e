/**
 * A vault in memory for tests of the file system: a tree that changes are published into, contents that
 * are kept as they are, and time that passes when a test says so.
 */
import type {
  Change,
  Content,
  HiddenDirectory,
  HiddenEntry,
  NodeId,
  OpId,
  Place,
  VaultChange,
  VaultEntry,
  VaultNode,
  VaultPort,
  VaultVersion,
} from '../../fuse/operations/port.ts';
import type { JournalId } from '../../protocol/ids.ts';
import { VaultError } from '../../protocol/errors.ts';
import { memoryScratch, type MemoryScratch } from './memory-scratch.ts';

const storeBytesMax = 64 * 1024 * 1024;

interface Node {
  view: VaultNode;
  version: VaultVersion | undefined;
  readonly places: Place[];
}

export class MemoryVault {
  scratch: MemoryScratch = memoryScratch();
  #life = 0;
  readonly rootId = '0'.repeat(32) as NodeId;
  readonly troubles: unknown[] = [];
  readonly nodes = new Map<NodeId, Node>();
  readonly published: Change[] = [];
  /** Publications wait until they are let through. */
  gate: Promise<void> = Promise.resolve();
  isReadOnly = false;
  nowMs = 1_700_000_000_000;
  /** Time passes by itself. */
  followsTime = false;
  onChange: (change: VaultChange) => void = () => undefined;
  readonly #contents = new Map<number, Buffer>();
  readonly #timers = new Set<{ atMs: number; action: () => void }>();
  #serial = 0;

  constructor() {
    this.nodes.set(this.rootId, {
      view: nodeView(this.rootId, 'directory'),
      version: undefined,
      places: [],
    });
  }

  /** Timers that are due run, and everything that follows from them. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    for (let round = 0; round < 20; round += 1) {
      for (const timer of [...this.#timers]) {
        if (timer.atMs > this.nowMs || !this.#timers.delete(timer)) continue;
        timer.action();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  content(bytes: Buffer): Content {
    if (bytes.length === 0) return { type: 'empty' };
    this.#serial += 1;
    const small = { number: this.#serial };
    this.#contents.set(this.#serial, Buffer.from(bytes));
    return { type: 'small', size: bytes.length, small } as unknown as Content;
  }

  bytesAt(path: string): Buffer | undefined {
    const node = this.at(path);
    return node?.version === undefined ? undefined : this.bytes(node.version.content);
  }

  bytes(content: Content): Buffer {
    const { small } = content as unknown as { small?: { number: number } };
    return this.#contents.get(small?.number ?? 0) ?? Buffer.alloc(0);
  }

  at(path: string): Node | undefined {
    let id: NodeId | undefined = this.rootId;
    for (const name of path.split('/').filter((part) => part !== '')) {
      id = this.#find({ parent: id, name: Buffer.from(name) });
      if (id === undefined) return undefined;
    }
    return this.nodes.get(id);
  }

  /** As a change by somebody else. */
  change(change: Change): OpId | undefined {
    const op = this.#apply(change);
    const parents = 'place' in change ? [change.place.parent] : [];
    this.onChange({ directories: new Set(parents), nodes: new Set([change.node]) });
    return op;
  }

  port(): VaultPort {
    const nodes = this.nodes;
    const life = this.#life;
    const isDead = (): boolean => life !== this.#life;
    this.scratch = memoryScratch(this.scratch.files, isDead);
    return {
      root: () => this.rootId,
      readOnly: () => (this.isReadOnly ? new VaultError('read-only', { op: 'test' }) : undefined),
      node: (id) => nodes.get(id)?.view,
      version: (id) => nodes.get(id)?.version,
      child: (parent, name) => this.#entry({ parent, name }),
      children: (parent) => this.#children(parent),
      places: (id) => nodes.get(id)?.places ?? [],
      read: async (content, offset, length) => {
        await Promise.resolve();
        return [this.bytes(content).subarray(offset, offset + length)];
      },
      lease: () => () => undefined,
      newNode: () => this.newId(),
      store: async ({ size, read }) => {
        // There is no memory for what is sparse.
        if (size > storeBytesMax) throw new VaultError('too-large', { op: 'test' });
        return { content: this.content(await read(0, size)) };
      },
      publish: async (change) => {
        await this.gate;
        await new Promise((resolve) => setImmediate(resolve));
        if (isDead()) return new Promise(() => undefined);
        this.published.push(change);
        return this.change(change);
      },
      space: () => ({ totalBytes: 1e9, freeBytes: 5e8, files: nodes.size }),
      about: (_id, what) => Promise.resolve(what === 'version' ? Buffer.from('v') : undefined),
      hidden: hiddenOf(this),
      scratch: this.scratch,
      clock: {
        nowMs: () => (this.followsTime ? Date.now() : this.nowMs),
        monotonicMs: () => (this.followsTime ? performance.now() : this.nowMs),
        after: (delayMs, action) => {
          if (this.followsTime) {
            const running = setTimeout(action, delayMs).unref();
            return {
              cancel: () => {
                clearTimeout(running);
              },
            };
          }
          const timer = { atMs: this.nowMs + delayMs, action };
          this.#timers.add(timer);
          return { cancel: () => this.#timers.delete(timer) };
        },
      },
      trouble: (error) => this.troubles.push(error),
    };
  }

  /** The agent is killed: its timers are gone, what is on the disk stays. */
  kill(): void {
    this.#life += 1;
    this.#timers.clear();
    this.onChange = () => undefined;
  }

  newId(): NodeId {
    this.#serial += 1;
    return this.#serial.toString(16).padStart(12, '0').padEnd(32, '0') as NodeId;
  }

  #apply(change: Change): OpId | undefined {
    this.#serial += 1;
    const op: OpId = { journal: 'test' as JournalId, sequence: this.#serial, index: 0 };
    const node = this.nodes.get(change.node);
    switch (change.type) {
      case 'create': {
        if (node !== undefined) return undefined;
        const { kind, place, attributes, content, target } = change;
        const view = { ...nodeView(change.node, kind), ...without(attributes), target, links: 1 };
        const version =
          kind === 'file'
            ? { op, content: content?.content ?? this.content(Buffer.alloc(0)), ...times(view) }
            : undefined;
        this.#clear(place);
        this.nodes.set(change.node, { view, version, places: [place] });
        return op;
      }
      case 'write': {
        if (node === undefined) return undefined;
        node.view = { ...node.view, ...without(change.attributes) };
        if (node.version !== undefined) node.version = { ...node.version, ...times(node.view) };
        if (change.content === undefined) return undefined;
        node.version = { op, content: change.content.content, ...times(node.view) };
        return op;
      }
      case 'attributes': {
        if (node === undefined) return undefined;
        const { mode, mtime } = change.attributes;
        const xattrs = new Map(node.view.xattrs);
        for (const [name, value] of change.attributes.xattrs ?? []) {
          if (value === undefined) xattrs.delete(name);
          else xattrs.set(name, value);
        }
        node.view = { ...node.view, ...without({ mode, mtime }), xattrs };
        if (node.version !== undefined) {
          node.version = {
            ...node.version,
            ...(mode !== undefined && { mode }),
            ...(mtime !== undefined && { mtime }),
          };
        }
        return undefined;
      }
      case 'link':
        node?.places.push(change.place);
        break;
      case 'remove':
        if (this.#find(change.place) === change.node) this.#clear(change.place);
        break;
      case 'rename': {
        if (this.#find(change.from) !== change.node || node === undefined) return undefined;
        const other = this.nodes.get(this.#find(change.to) ?? this.rootId);
        this.#clear(change.from);
        this.#clear(change.to);
        node.places.push(change.to);
        if (change.exchange) other?.places.push(change.from);
      }
    }
    if (node !== undefined) node.view = { ...node.view, links: node.places.length };
    return undefined;
  }

  #clear(place: Place): void {
    for (const node of this.nodes.values()) {
      const index = node.places.findIndex((one) => isSame(one, place));
      if (index < 0) continue;
      node.places.splice(index, 1);
      node.view = { ...node.view, links: node.places.length };
    }
  }

  #find(place: Place): NodeId | undefined {
    for (const [id, { places }] of this.nodes) {
      if (places.some((one) => isSame(one, place))) return id;
    }
    return undefined;
  }

  #entry(place: Place): VaultEntry | undefined {
    const node = this.nodes.get(this.#find(place) ?? ('' as NodeId));
    if (node === undefined) return undefined;
    return { name: place.name, node: node.view, version: node.version, conflict: false };
  }

  #children(parent: NodeId): readonly VaultEntry[] {
    const rows: VaultEntry[] = [];
    for (const { view, version, places } of this.nodes.values()) {
      for (const { parent: own, name } of places) {
        if (own === parent) rows.push({ name, node: view, version, conflict: false });
      }
    }
    return rows.sort((a, b) => Buffer.compare(a.name, b.name));
  }
}

function nodeView(id: NodeId, kind: VaultNode['kind']): VaultNode {
  const mtime = { seconds: 0, nanoseconds: 0 };
  return { id, kind, mode: 0o755, mtime, xattrs: new Map(), target: undefined, links: 1 };
}

function times({ mode, mtime }: VaultNode): Pick<VaultVersion, 'mode' | 'mtime'> {
  return { mode, mtime };
}

function without(
  attributes: Extract<Change, { type: 'attributes' }>['attributes'],
): Partial<VaultNode> {
  const { mode, mtime, xattrs } = attributes;
  const values = new Map<string, Buffer>();
  for (const [name, value] of xattrs ?? []) if (value !== undefined) values.set(name, value);
  return {
    ...(mode !== undefined && { mode }),
    ...(mtime !== undefined && { mtime }),
    ...(xattrs !== undefined && { xattrs: values }),
  };
}

function isSame(a: Place, b: Place): boolean {
  return a.parent === b.parent && a.name.equals(b.name);
}

/** One report, and one earlier content. */
function hiddenOf(vault: MemoryVault): HiddenDirectory {
  const mtime = { seconds: 0, nanoseconds: 0 };
  const children: HiddenEntry[] = [
    {
      name: Buffer.from('status'),
      node: {
        key: 'status',
        kind: 'file',
        mode: 0o644,
        mtime,
        bytes: () => Promise.resolve(Buffer.from('{}\n')),
      },
    },
    {
      name: Buffer.from('earlier'),
      node: {
        key: 'earlier',
        kind: 'file',
        mode: 0o644,
        mtime,
        bytes: vault.content(Buffer.from('as it was')),
        version: 'v1',
      },
    },
  ];
  return {
    key: 'top',
    kind: 'directory',
    mode: 0o755,
    mtime,
    child: (name) => Promise.resolve(children.find((entry) => entry.name.equals(name))?.node),
    children: () => Promise.resolve(children),
  };
}
