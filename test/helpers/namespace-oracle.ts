/**
 * The naive twin of agent/namespace: takes the whole set of batches and works out from nothing what
 * the tree shows, rule by rule as protocol/SPEC.md, "Namespace", states them. No index, no cache, no
 * increment; every question is asked of the list of all operations. Only the spelling of conflict
 * names and the rules of single operations are shared with the product.
 */
import { checkOp } from '../../agent/journal/check-op.ts';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import { conflictName, conflictTag } from '../../agent/namespace/conflict-names.ts';
import {
  rootNodeId,
  splitJournalId,
  type DeviceId,
  type EntryId,
  type JournalId,
  type NodeId,
} from '../../protocol/ids.ts';
import { notes as limits } from '../../protocol/limits.ts';
import type { Content, FileTime, Op, OpId, Replaced } from '../../protocol/messages/op.ts';

/** One row of the whole tree. */
export interface OracleRow {
  /** Names as latin1, joined by `/`. */
  readonly path: string;
  readonly kind: string;
  readonly node: NodeId;
  readonly entry: EntryId;
  readonly mode: number;
  readonly mtime: string;
  readonly xattrs: string;
  readonly target: string;
  readonly content: string;
  readonly version: string;
  readonly conflict: boolean;
  /** Deleted, and shown all the same: for an edit, or for what is in it, that the deletion did not see. */
  readonly again: boolean;
}

export interface OracleSnapshot {
  readonly id: string;
  readonly name: string;
  readonly vector: readonly string[];
  readonly op: string;
}

export interface OracleResult {
  readonly rows: readonly OracleRow[];
  readonly snapshots: readonly OracleSnapshot[];
  /** Ids of notes with the operations that stand for them, the oldest first. */
  readonly notes: readonly string[];
  readonly totals: { files: number; directories: number; symlinks: number; bytes: number };
  readonly rejected: number;
}

interface Known {
  readonly op: Op;
  readonly id: OpId;
  readonly wallMs: number;
  readonly counter: number;
  readonly lamport: number;
}

interface Place {
  readonly parent: NodeId;
  readonly name: string;
}

export function oracle(
  batches: readonly OpenedBatch[],
  deviceName: (device: DeviceId) => string,
): OracleResult {
  return new Oracle(batches, deviceName).result();
}

class Oracle {
  readonly #ops: Known[] = [];
  readonly #deviceName: (device: DeviceId) => string;
  readonly #places: ReadonlyMap<NodeId, Place>;
  readonly #nodes: ReadonlySet<NodeId>;
  #rejected = 0;
  /** Answers that were worked out already; the set of operations does not change. */
  readonly #answers = new Map<string, unknown>();

  constructor(batches: readonly OpenedBatch[], deviceName: (device: DeviceId) => string) {
    this.#deviceName = deviceName;
    const lamports = countingLamports(batches);
    for (const { header, body } of batches) {
      for (const [index, op] of body.ops.entries()) {
        const id = { journal: header.journal, sequence: header.sequence, index };
        const lamport = lamports.get(`${header.journal}/${String(header.sequence)}`)!;
        const { wallMs } = body.stamp;
        if (checkOp(op) !== undefined) this.#rejected += 1;
        else this.#ops.push({ op, id, wallMs, counter: body.stamp.counter + index, lamport });
      }
    }
    this.#nodes = new Set(this.#ops.flatMap(({ op }) => ('node' in op ? [op.node] : [])));
    this.#places = this.#placeDirectories();
  }

  result(): OracleResult {
    const rows: OracleRow[] = [];
    this.#show([rootNodeId], '', rows);
    const snapshots = this.#snapshots();
    const notes = this.#notes();
    return { rows, snapshots, notes, totals: this.#totals(), rejected: this.#rejected };
  }

  /** Of each author's each id the latest, and of those of each author the latest few. */
  #notes(): string[] {
    const byAuthor = new Map<string, Map<string, Known>>();
    for (const each of [...this.#ops].sort(compareStamps)) {
      if (each.op.type !== 'note') continue;
      const author = splitJournalId(each.id.journal).device;
      const notes = byAuthor.get(author) ?? new Map<string, Known>();
      // Put in anew, so that the latest stand last.
      notes.delete(each.op.id);
      byAuthor.set(author, notes.set(each.op.id, each));
    }
    return [...byAuthor.values()]
      .flatMap((notes) => [...notes.values()].slice(-limits.keptPerDeviceMax))
      .sort(compareStamps)
      .map(({ op, id }) => (op.type === 'note' ? `${op.id} ${keyOf(id)}` : ''));
  }

  /** Of each id the one with the lowest name of an operation, unless somebody dropped it. */
  #snapshots(): OracleSnapshot[] {
    const dropped = new Set(
      this.#ops.flatMap(({ op }) => (op.type === 'drop-snapshot' ? [op.id] : [])),
    );
    const firsts = new Map<string, Known>();
    for (const each of [...this.#ops].sort((a, b) => compareIds(a.id, b.id))) {
      const { op } = each;
      if (op.type !== 'take-snapshot' || dropped.has(op.id) || firsts.has(op.id)) continue;
      firsts.set(op.id, each);
    }
    return [...firsts.values()].sort(compareStamps).map(({ op, id }) => {
      if (op.type !== 'take-snapshot') throw new TypeError('no snapshot');
      const reach = new Map(op.vector.map(({ journal, sequence }) => [journal, sequence]));
      const vector = [...reach].map(([journal, sequence]) => `${journal}/${String(sequence)}`);
      return { id: op.id, name: op.name, vector: vector.sort(), op: keyOf(id) };
    });
  }

  #once<T>(question: string, answer: () => T): T {
    if (!this.#answers.has(question)) this.#answers.set(question, answer());
    return this.#answers.get(question) as T;
  }

  // --- kinds ------------------------------------------------------------------------------------

  #isDirectoryShaped(node: NodeId): boolean {
    return this.#once(`isDirectoryShaped ${node}`, () => this.#findDirectoryShaped(node));
  }

  #findDirectoryShaped(node: NodeId): boolean {
    return (
      node === rootNodeId ||
      this.#ops.some(({ op }) => op.type === 'make' && op.node === node && op.kind === 'directory')
    );
  }

  /** undefined: not known, or made as two different things. */
  #kind(node: NodeId): string | undefined {
    return this.#once(`kind ${node}`, () => this.#findKind(node));
  }

  #findKind(node: NodeId): string | undefined {
    if (node === rootNodeId) return 'directory';
    const kinds = new Set(
      this.#ops.flatMap(({ op }) => (op.type === 'make' && op.node === node ? [op.kind] : [])),
    );
    return kinds.size === 1 ? [...kinds][0] : undefined;
  }

  // --- directories ------------------------------------------------------------------------------

  #placeDirectories(): Map<NodeId, Place> {
    const bases = new Map<NodeId, Place>();
    for (const node of this.#nodes) {
      if (node === rootNodeId || this.#kind(node) !== 'directory') continue;
      const makes = this.#ops
        .filter(
          ({ op }) => op.type === 'make' && op.node === node && this.#isDirectoryShaped(op.parent),
        )
        .sort((a, b) => compareIds(a.id, b.id));
      const first = makes[0]?.op;
      if (first?.type === 'make') {
        bases.set(node, { parent: first.parent, name: first.name.toString('latin1') });
      }
    }
    for (const cycle of cyclesOf(bases)) {
      const lowest = [...cycle].sort()[0]!;
      bases.set(lowest, { ...bases.get(lowest)!, parent: rootNodeId });
    }
    const places = new Map(bases);
    const moves = this.#ops
      .filter(({ op }) => op.type === 'move' && this.#kind(op.node) === 'directory')
      .filter(({ op }) => op.type === 'move' && this.#isDirectoryShaped(op.parent))
      .sort((a, b) => a.lamport - b.lamport || compareIds(a.id, b.id));
    for (const { op } of moves) {
      if (op.type !== 'move') continue;
      let at: NodeId | undefined = op.parent;
      while (at !== undefined && at !== rootNodeId && at !== op.node) at = places.get(at)?.parent;
      if (at === op.node) continue;
      places.set(op.node, { parent: op.parent, name: op.name.toString('latin1') });
    }
    return places;
  }

  /** Directories placed in `parent`, dead or alive. */
  #foldersIn(parent: NodeId): NodeId[] {
    return [...this.#places].filter(([, place]) => place.parent === parent).map(([node]) => node);
  }

  #isAlive(directory: NodeId): boolean {
    return this.#once(`isAlive ${directory}`, () => this.#findAlive(directory));
  }

  #findAlive(directory: NodeId): boolean {
    if (directory === rootNodeId) return true;
    if (this.#kind(directory) !== 'directory') return false;
    if (this.#isWanted(directory)) return true;
    if (this.#filesIn(directory).length > 0) return true;
    return this.#foldersIn(directory).some((child) => this.#isAlive(child));
  }

  /** Whether a directory lives by itself. */
  #isWanted(directory: NodeId): boolean {
    const signs = this.#ops.filter(
      ({ op }) =>
        (op.type === 'make' || op.type === 'move' || op.type === 'set-attributes') &&
        op.node === directory,
    );
    const covered = new Set(
      this.#ops.flatMap(({ op }) => {
        const names: OpId[] = [...this.#buried(op, directory)];
        if ((op.type === 'move' || op.type === 'set-attributes') && op.node === directory) {
          names.push(...op.replaces);
        }
        return names.map(keyOf);
      }),
    );
    return signs.some(({ id }) => !covered.has(keyOf(id)));
  }

  /** What `op` says that a deletion of `node` saw. */
  #buried(op: Op, node: NodeId): readonly OpId[] {
    if (op.type === 'unlink' && op.node === node) return op.heads;
    if (op.type === 'remove-directory' && op.node === node) return op.replaces;
    const over = overOf(op);
    return over?.node === node ? over.heads : [];
  }

  // --- files and symlinks -----------------------------------------------------------------------

  #entriesOf(node: NodeId): EntryId[] {
    const entries = this.#ops.flatMap(({ op }) => {
      const found: EntryId[] = [];
      if ('entry' in op && op.node === node) found.push(op.entry);
      const over = overOf(op);
      if (over?.node === node) found.push(over.entry);
      return found;
    });
    return [...new Set(entries)].sort();
  }

  #positionOf(node: NodeId, entry: EntryId): Place | undefined {
    const positions = this.#ops.filter(
      ({ op }) =>
        (op.type === 'make' || op.type === 'link' || op.type === 'move') &&
        op.node === node &&
        op.entry === entry &&
        this.#isDirectoryShaped(op.parent),
    );
    const replaced = new Set(
      positions.flatMap(({ op }) => (op.type === 'move' ? op.replaces.map(keyOf) : [])),
    );
    const { op } = latest(positions.filter(({ id }) => !replaced.has(keyOf(id)))) ?? {};
    if (op?.type !== 'make' && op?.type !== 'link' && op?.type !== 'move') return undefined;
    return { parent: op.parent, name: op.name.toString('latin1') };
  }

  #positionOp(node: NodeId, entry: EntryId): Known {
    const positions = this.#ops.filter(
      ({ op }) =>
        (op.type === 'make' || op.type === 'link' || op.type === 'move') &&
        op.node === node &&
        op.entry === entry &&
        this.#isDirectoryShaped(op.parent),
    );
    const replaced = new Set(
      positions.flatMap(({ op }) => (op.type === 'move' ? op.replaces.map(keyOf) : [])),
    );
    return latest(positions.filter(({ id }) => !replaced.has(keyOf(id))))!;
  }

  #tombstones(node: NodeId, entry: EntryId): Known[] {
    return this.#ops.filter(
      ({ op }) =>
        (op.type === 'unlink' && op.node === node && op.entry === entry) ||
        (overOf(op)?.node === node && overOf(op)?.entry === entry),
    );
  }

  #heads(node: NodeId): Known[] {
    const writes = this.#ops.filter(
      ({ op }) =>
        (op.type === 'write' && op.node === node) ||
        (op.type === 'make' && op.node === node && op.content !== undefined),
    );
    const superseded = new Set(
      writes.flatMap(({ op }) => (op.type === 'write' ? op.supersedes.map(keyOf) : [])),
    );
    return writes.filter(({ id }) => !superseded.has(keyOf(id)));
  }

  #unburied(node: NodeId): Known[] {
    const buried = new Set(this.#ops.flatMap(({ op }) => this.#buried(op, node).map(keyOf)));
    return this.#heads(node).filter(({ id }) => !buried.has(keyOf(id)));
  }

  /** Entries that are shown, wherever they are. */
  #shownEntries(node: NodeId): EntryId[] {
    return this.#once(`shownEntries ${node}`, () => this.#findShownEntries(node));
  }

  #findShownEntries(node: NodeId): EntryId[] {
    const kind = this.#kind(node);
    if (kind !== 'file' && kind !== 'symlink') return [];
    if (kind === 'file' && this.#heads(node).length === 0) return [];
    const placed = this.#entriesOf(node).filter(
      (entry) => this.#positionOf(node, entry) !== undefined,
    );
    const live = placed.filter((entry) => this.#tombstones(node, entry).length === 0);
    if (live.length > 0 || kind === 'symlink' || this.#unburied(node).length === 0) return live;
    let last: { entry: EntryId; by: Known } | undefined;
    for (const entry of placed) {
      const by = latest(this.#tombstones(node, entry))!;
      if (last === undefined || compareStamps(by, last.by) > 0) last = { entry, by };
    }
    return last === undefined ? [] : [last.entry];
  }

  /** Latest first, equal contents once. */
  #versions(node: NodeId): Known[] {
    return this.#once(`versions ${node}`, () => this.#findVersions(node));
  }

  #findVersions(node: NodeId): Known[] {
    if (this.#kind(node) !== 'file') return [];
    const hasLife = this.#entriesOf(node).some(
      (entry) =>
        this.#positionOf(node, entry) !== undefined && this.#tombstones(node, entry).length === 0,
    );
    const heads = hasLife ? this.#heads(node) : this.#unburied(node);
    const shown: Known[] = [];
    for (const head of heads.sort((a, b) => compareStamps(b, a))) {
      const content = contentText(contentOf(head));
      if (!shown.some((other) => contentText(contentOf(other)) === content)) shown.push(head);
    }
    return shown;
  }

  #filesIn(parent: NodeId): { node: NodeId; entry: EntryId; name: string }[] {
    return [...this.#nodes].flatMap((node) =>
      this.#shownEntries(node).flatMap((entry) => {
        const place = this.#positionOf(node, entry)!;
        return place.parent === parent ? [{ node, entry, name: place.name }] : [];
      }),
    );
  }

  // --- attributes -------------------------------------------------------------------------------

  /** The value of one key: of the operations that set it and that no other such one names, the latest. */
  #attribute<T>(node: NodeId, key: (op: Op) => { value: T } | undefined): T | undefined {
    const setters = this.#ops.filter(
      ({ op }) =>
        (op.type === 'make' || op.type === 'write' || op.type === 'set-attributes') &&
        op.node === node &&
        key(op) !== undefined,
    );
    const replaced = new Set(
      setters.flatMap(({ op }) =>
        op.type === 'write' || op.type === 'set-attributes' ? op.replaces.map(keyOf) : [],
      ),
    );
    const { op } = latest(setters.filter(({ id }) => !replaced.has(keyOf(id)))) ?? {};
    return op === undefined ? undefined : key(op)?.value;
  }

  #mode(node: NodeId): number {
    const mode = this.#attribute(node, (op) => {
      const value = 'attributes' in op ? op.attributes.mode : undefined;
      return value === undefined ? undefined : { value };
    });
    const byDefault = { directory: 0o755, symlink: 0o777 }[this.#kind(node) ?? ''] ?? 0o644;
    return mode ?? byDefault;
  }

  #mtime(node: NodeId): FileTime {
    const mtime = this.#attribute(node, (op) => {
      const value = 'attributes' in op ? op.attributes.mtime : undefined;
      return value === undefined ? undefined : { value };
    });
    return mtime ?? { seconds: 0, nanoseconds: 0 };
  }

  #xattrs(node: NodeId): string {
    const keys = this.#ops.flatMap(({ op }) =>
      'attributes' in op && op.node === node ? [...(op.attributes.xattrs?.keys() ?? [])] : [],
    );
    const texts = [...new Set(keys)].sort().flatMap((name) => {
      const value = this.#attribute(node, (op) =>
        'attributes' in op && op.attributes.xattrs?.has(name) === true
          ? { value: op.attributes.xattrs.get(name) }
          : undefined,
      );
      return value === undefined ? [] : [`${name}=${value.toString('hex')}`];
    });
    return texts.join(',');
  }

  // --- what is shown ----------------------------------------------------------------------------

  #show(group: readonly NodeId[], path: string, rows: OracleRow[]): void {
    const folders = group
      .flatMap((parent) => this.#foldersIn(parent))
      .filter((n) => this.#isAlive(n));
    const files = group.flatMap((parent) => this.#filesIn(parent));
    const folderNames = new Set(folders.map((node) => this.#places.get(node)!.name));
    const taken = new Set([...folderNames, ...files.map(({ name }) => name)]);
    const listing: { name: string; row: OracleRow; group?: NodeId[] }[] = [];
    for (const name of folderNames) {
      const members = folders.filter((node) => this.#places.get(node)!.name === name).sort();
      const again = !members.some((member) => this.#isWanted(member));
      const row = this.#row(members[0]!, this.#entriesOf(members[0]!)[0]!, { again });
      listing.push({ name, row, group: members });
    }
    const displaced: { name: string; node: NodeId; entry: EntryId; version?: Known; by: Known }[] =
      [];
    for (const name of new Set(files.map((file) => file.name))) {
      const wanting = files.filter((file) => file.name === name);
      const keeper = folderNames.has(name) ? undefined : this.#keeper(wanting);
      for (const { node, entry } of wanting) {
        const versions: (Known | undefined)[] =
          this.#kind(node) === 'file' ? this.#versions(node) : [undefined];
        for (const [at, version] of versions.entries()) {
          if (entry === keeper?.entry && node === keeper.node && at === 0) {
            listing.push({ name, row: this.#row(node, entry, { version }) });
          } else {
            const by = version ?? this.#positionOp(node, entry);
            displaced.push({ name, node, entry, ...(version ? { version } : {}), by });
          }
        }
      }
    }
    displaced.sort(
      (a, b) =>
        compareText(a.name, b.name) ||
        compareIds(a.by.id, b.by.id) ||
        compareText(a.entry, b.entry),
    );
    for (const { name, node, entry, version, by } of displaced) {
      const suffixed = this.#freeName(name, entry, { by, taken });
      taken.add(suffixed);
      listing.push({ name: suffixed, row: this.#row(node, entry, { version, conflict: true }) });
    }
    listing.sort((a, b) => compareText(a.name, b.name));
    for (const { name, row, group: members } of listing) {
      rows.push({ ...row, path: path + name });
      if (members !== undefined) this.#show(members, `${path}${name}/`, rows);
    }
  }

  #row(
    node: NodeId,
    entry: EntryId,
    shown: { version?: Known | undefined; conflict?: boolean; again?: boolean },
  ): OracleRow {
    const { version, conflict, again = this.#tombstones(node, entry).length > 0 } = shown;
    const isLatest =
      version === undefined ||
      version === this.#versions(node)[0] ||
      keyOf(version.id) === keyOf(this.#versions(node)[0]!.id);
    const own = !isLatest && 'attributes' in version.op ? version.op.attributes : {};
    const { seconds, nanoseconds } = own.mtime ?? this.#mtime(node);
    const links = this.#ops
      .filter(({ op }) => op.type === 'make' && op.node === node && op.target !== undefined)
      .sort((a, b) => compareIds(a.id, b.id));
    const target = links[0]?.op.type === 'make' ? links[0].op.target : undefined;
    return {
      path: '',
      kind: this.#kind(node) ?? '?',
      node,
      entry,
      mode: own.mode ?? this.#mode(node),
      mtime: `${String(seconds)}.${String(nanoseconds)}`,
      xattrs: this.#xattrs(node),
      target: this.#kind(node) === 'symlink' ? (target?.toString('latin1') ?? '') : '',
      content: version === undefined ? '' : contentText(contentOf(version)),
      version: version === undefined ? '' : keyOf(version.id),
      conflict: conflict === true,
      again,
    };
  }

  #keeper(
    files: readonly { node: NodeId; entry: EntryId }[],
  ): { node: NodeId; entry: EntryId } | undefined {
    const lowest = (node: NodeId): string =>
      files
        .map((file) => file.node)
        .filter((other) => this.#isKin(node, other))
        .sort()[0]!;
    const last = ({ node, entry }: { node: NodeId; entry: EntryId }): Known =>
      this.#versions(node)[0] ?? this.#positionOp(node, entry);
    return [...files].sort(
      (a, b) =>
        compareText(lowest(a.node), lowest(b.node)) ||
        compareStamps(last(b), last(a)) ||
        compareText(a.node, b.node) ||
        compareText(a.entry, b.entry),
    )[0];
  }

  /** Whether a chain of "made way for" connects two nodes. */
  #isKin(a: NodeId, b: NodeId): boolean {
    const kin = new Set<NodeId>([a]);
    for (let size = 0; size !== kin.size;) {
      size = kin.size;
      for (const { op } of this.#ops) {
        const over = overOf(op);
        if (over === undefined || !('node' in op)) continue;
        if (kin.has(op.node)) kin.add(over.node);
        if (kin.has(over.node)) kin.add(op.node);
      }
    }
    return kin.has(b);
  }

  #freeName(
    name: string,
    entry: EntryId,
    { by, taken }: { by: Known; taken: ReadonlySet<string> },
  ): string {
    const tag = conflictTag(entry, by.id as Parameters<typeof conflictTag>[1]);
    const label = this.#deviceName(splitJournalId(by.id.journal).device);
    const tags = Array.from({ length: 16 }, (_, at) => tag.slice(0, 4 * at + 4));
    for (let count = 2; count < 100; count += 1) tags.push(`${tag.slice(0, 4)}-${String(count)}`);
    const candidates = tags.map((t) => conflictName(name, { wallMs: by.wallMs, label, tag: t }));
    return candidates.find((candidate) => !taken.has(candidate))!;
  }

  #totals(): OracleResult['totals'] {
    const totals = { files: 0, directories: 0, symlinks: 0, bytes: 0 };
    for (const node of this.#nodes) {
      if (node !== rootNodeId && this.#places.has(node) && this.#isAlive(node))
        totals.directories += 1;
      const links = this.#shownEntries(node).length;
      if (this.#kind(node) === 'symlink') totals.symlinks += links;
      if (links === 0) continue;
      for (const version of this.#versions(node)) {
        const content = contentOf(version);
        totals.files += links;
        totals.bytes +=
          links * (content === undefined || content.type === 'empty' ? 0 : content.size);
      }
    }
    return totals;
  }
}

/** protocol/SPEC.md, "Order of batches". */
export function countingLamports(batches: readonly OpenedBatch[]): Map<string, number> {
  const byName = new Map(
    batches.map((b) => [`${b.header.journal}/${String(b.header.sequence)}`, b]),
  );
  const claimed = new Map<string, number>();
  const counts = new Map<string, number>();
  const inOrder = [...batches].sort((a, b) => a.header.sequence - b.header.sequence);
  const nameOf = (journal: JournalId, sequence: number): string => `${journal}/${String(sequence)}`;
  for (const { header, body } of inOrder) {
    const before = claimed.get(nameOf(header.journal, header.sequence - 1)) ?? 0;
    const value = Math.min(Math.max(body.lamport, before + 1), before + 2 ** 32);
    claimed.set(nameOf(header.journal, header.sequence), value);
  }
  for (const { header, body } of inOrder) {
    const own = claimed.get(nameOf(header.journal, header.sequence))!;
    const seen = body.seen.filter(({ sequence }) => sequence > 0);
    const allKnown = seen.every((item) => byName.has(nameOf(item.journal, item.sequence)));
    const before = counts.get(nameOf(header.journal, header.sequence - 1)) ?? 0;
    const seenClaims = seen.map((item) => claimed.get(nameOf(item.journal, item.sequence)) ?? 0);
    const cap = 1 + Math.max(before, ...seenClaims);
    counts.set(nameOf(header.journal, header.sequence), allKnown ? Math.min(own, cap) : own);
  }
  return counts;
}

function cyclesOf(bases: ReadonlyMap<NodeId, Place>): Set<NodeId>[] {
  const cycles: Set<NodeId>[] = [];
  for (const start of bases.keys()) {
    const path: NodeId[] = [];
    let at: NodeId | undefined = start;
    while (at !== undefined && !path.includes(at)) {
      path.push(at);
      at = bases.get(at)?.parent;
    }
    if (at === start && !cycles.some((cycle) => cycle.has(start))) cycles.push(new Set(path));
  }
  return cycles;
}

function overOf(op: Op): Replaced | undefined {
  return op.type === 'make' || op.type === 'move' || op.type === 'link' ? op.over : undefined;
}

function contentOf({ op }: Known): Content | undefined {
  return op.type === 'make' || op.type === 'write' ? op.content : undefined;
}

export function contentText(content: Content | undefined): string {
  if (content === undefined || content.type === 'empty') return '';
  if (content.type === 'small') return `small ${content.small.record}`;
  return `${content.type} ${content.type === 'chunk' ? content.chunk.cid : content.manifest.cid}`;
}

function latest(ops: readonly Known[]): Known | undefined {
  return [...ops].sort(compareStamps).at(-1);
}

function compareStamps(a: Known, b: Known): number {
  return a.wallMs - b.wallMs || a.counter - b.counter || compareIds(a.id, b.id);
}

function compareIds(a: OpId, b: OpId): number {
  return compareText(a.journal, b.journal) || a.sequence - b.sequence || a.index - b.index;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function keyOf({ journal, sequence, index }: OpId): string {
  return `${journal}/${String(sequence)}/${String(index)}`;
}
