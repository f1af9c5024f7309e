/**
 * What the operations on nodes of one history did, in words that a person knows: created, changed,
 * renamed, removed. Pure: operations in, events out.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import type { HistoryWhat } from '../../protocol/messages/control-history.ts';
import type { Content, FileTime, NodeKind, Op, OpId } from '../../protocol/messages/op.ts';
import { replacedBy } from '../history/collect-rows.ts';
import type { Change } from '../history/history.types.ts';
import { isArrival, type Place } from '../history/place-before.ts';
import { contentKey } from '../namespace/contents.ts';

export interface NodeEvent {
  readonly change: Change;
  readonly node: NodeId;
  readonly what: HistoryWhat;
  readonly kind: NodeKind | undefined;
  /** The version that it made. */
  readonly version: EventVersion | undefined;
  /** Where the entry is after it, or was before it went. */
  readonly place: Place | undefined;
  /** Where it was before, when it came from somewhere else. */
  readonly from: Place | undefined;
  /** Permission bits that were set. */
  readonly mode: number | undefined;
  /** The earlier version whose content came back. */
  readonly restored: OpId | undefined;
}

export interface EventVersion {
  readonly content: Content;
  readonly mode: number;
  readonly mtime: FileTime;
}

const defaultMode = 0o644;
const noTime: FileTime = { seconds: 0, nanoseconds: 0 };

/**
 * Events of nodes that have one history, in the order of the changes.
 * @param changes of all these nodes, by stamp, each once
 */
export function eventsOf(changes: readonly Change[], nodes: ReadonlySet<NodeId>): NodeEvent[] {
  const past = new Past();
  for (const change of changes) if (change.folded !== undefined) past.begin(change);
  return changes.flatMap((change) => {
    const { body } = change;
    if (!('node' in body)) return [];
    const isOwn = nodes.has(body.node);
    const node = isOwn ? body.node : replacedBy(body);
    if (node === undefined || !nodes.has(node)) return [];
    return past.take(change, node, isOwn);
  });
}

interface NodeState {
  kind: NodeKind | undefined;
  mode: number | undefined;
  mtime: FileTime | undefined;
  /** Versions that nothing supersedes, as far as it has come. */
  heads: Map<string, Content>;
  entries: Set<EntryId>;
  /** The last one of any entry, of each entry, and what each operation gave. */
  place: Place | undefined;
  places: Map<EntryId, Place>;
  arrivals: Map<string, Place>;
  isRemoved: boolean;
}

/** What was there when the next change came. */
class Past {
  readonly #nodes = new Map<NodeId, NodeState>();
  readonly #versions = new Map<string, OpId>();
  /** Versions that made way, with the node that took their place. */
  readonly #replaced = new Map<string, NodeId>();

  /** Takes in where a node was when it was folded: its versions may be older than its place. */
  begin(change: Change): void {
    if (!isArrival(change)) return;
    const { body, op, folded } = change;
    const state = this.#state(body.node);
    if (folded === 'here') state.entries.add(body.entry);
    state.place ??= body;
    state.places.set(body.entry, body);
    state.arrivals.set(keyOf(op), body);
    if (body.type !== 'make') return;
    state.kind = body.kind;
    state.isRemoved = folded === 'gone';
    this.#attributes(change, state);
  }

  /** @param isOwn the change is about this node, and not about one that took its place */
  take(change: Change, node: NodeId, isOwn: boolean): NodeEvent {
    const state = this.#state(node);
    const before = placeOf(isOwn ? change.body : undefined, state, entryOf(change, isOwn));
    const isClash = this.#makeWay(change);
    if (isOwn && isArrival(change)) {
      state.place = change.body;
      state.places.set(change.body.entry, change.body);
      state.arrivals.set(keyOf(change.op), change.body);
    }
    const base = {
      change,
      node,
      version: undefined,
      from: undefined,
      mode: undefined,
      restored: undefined,
    };
    const place = isArrival(change) && isOwn ? change.body : before;
    const event = { ...base, place, kind: state.kind };
    if (!isOwn) return { ...event, what: 'removed' };
    const { body } = change;
    if (change.folded !== undefined && isArrival(change) && !('content' in body)) {
      return { ...event, what: 'folded' };
    }
    switch (body.type) {
      case 'make': {
        state.kind = body.kind;
        if (change.folded !== 'gone') state.entries.add(body.entry);
        const made = this.#version(
          change,
          state,
          body.kind === 'file' ? (body.content ?? { type: 'empty' }) : undefined,
        );
        const what = isClash ? 'conflict' : body.over === undefined ? 'created' : 'changed';
        return { ...event, ...made, kind: body.kind, what };
      }
      case 'write': {
        const hadConflict = state.heads.size > 1;
        const superseded = body.supersedes.flatMap((op) => state.heads.get(keyOf(op)) ?? []);
        const restored = this.#earlier(body.content, superseded);
        for (const op of body.supersedes) state.heads.delete(keyOf(op));
        const made = this.#version(change, state, body.content);
        const isSame = superseded.some(
          (content) => contentKey(content) === contentKey(body.content),
        );
        if (state.heads.size > 1) return { ...event, ...made, what: 'conflict' };
        if (hadConflict) return { ...event, ...made, what: 'resolved' };
        if (restored !== undefined) return { ...event, ...made, restored, what: 'restored' };
        return { ...event, ...made, what: isSame ? 'touched' : 'changed' };
      }
      case 'set-attributes': {
        const { mode } = body.attributes;
        const isNewMode = mode !== undefined && mode !== state.mode;
        this.#attributes(change, state);
        const wasRemoved = state.kind === 'directory' && state.isRemoved;
        state.isRemoved = false;
        if (wasRemoved) return { ...event, what: 'undeleted' };
        if (isNewMode) return { ...event, mode, what: 'mode' };
        return { ...event, what: 'touched' };
      }
      case 'link': {
        const what = state.entries.size === 0 ? 'undeleted' : 'linked';
        state.entries.add(body.entry);
        return { ...event, what };
      }
      case 'move': {
        const wasRemoved = state.kind === 'directory' && state.isRemoved;
        state.isRemoved = false;
        state.entries.add(body.entry);
        if (before === undefined) return { ...event, what: wasRemoved ? 'undeleted' : 'moved' };
        const isHere = before.parent === body.parent;
        if (isHere && before.name.equals(body.name)) {
          return { ...event, what: wasRemoved ? 'undeleted' : isClash ? 'conflict' : 'touched' };
        }
        const what = isClash ? 'conflict' : wasRemoved ? 'undeleted' : isHere ? 'renamed' : 'moved';
        return { ...event, from: before, what };
      }
      case 'unlink':
        state.entries.delete(body.entry);
        return { ...event, what: state.entries.size === 0 ? 'removed' : 'unlinked' };
      case 'remove-directory':
        state.isRemoved = true;
        return { ...event, what: 'removed' };
      default:
        return { ...event, what: 'touched' };
    }
  }

  /** The operation's own version, with what held when it was written. */
  #version(
    change: Change,
    state: NodeState,
    content: Content | undefined,
  ): Pick<NodeEvent, 'version'> {
    this.#attributes(change, state);
    if (content === undefined) return { version: undefined };
    state.heads.set(keyOf(change.op), content);
    this.#versions.set(contentKey(content), change.op);
    const { mode = defaultMode, mtime = noTime } = state;
    return { version: { content, mode, mtime } };
  }

  #attributes({ body }: Change, state: NodeState): void {
    if (!('attributes' in body)) return;
    state.mode = body.attributes.mode ?? state.mode;
    state.mtime = body.attributes.mtime ?? state.mtime;
  }

  /** The latest version with this content that is not one of those that the new one follows. */
  #earlier(content: Content, superseded: readonly Content[]): OpId | undefined {
    const key = contentKey(content);
    if (key === '' || superseded.some((each) => contentKey(each) === key)) return undefined;
    return this.#versions.get(key);
  }

  /** True when somebody else has taken the same place at the same time. */
  #makeWay({ body }: Change): boolean {
    if (!('over' in body) || body.over === undefined) return false;
    const { node, heads, entry } = body.over;
    const state = this.#state(node);
    state.entries.delete(entry);
    let isClash = false;
    for (const head of heads) {
      state.heads.delete(keyOf(head));
      const other = this.#replaced.get(keyOf(head));
      if (other !== undefined && other !== body.node) isClash = true;
      this.#replaced.set(keyOf(head), body.node);
    }
    return isClash;
  }

  #state(node: NodeId): NodeState {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const fresh: NodeState = {
      kind: undefined,
      mode: undefined,
      mtime: undefined,
      heads: new Map(),
      entries: new Set(),
      place: undefined,
      places: new Map(),
      arrivals: new Map(),
      isRemoved: false,
    };
    this.#nodes.set(node, fresh);
    return fresh;
  }
}

function entryOf({ body }: Change, isOwn: boolean): EntryId | undefined {
  if (!isOwn) return 'over' in body ? body.over?.entry : undefined;
  return 'entry' in body ? body.entry : undefined;
}

/** Where the entry was that the operation is about: as it says itself, else the last place. */
function placeOf(
  body: Op | undefined,
  state: NodeState,
  entry: EntryId | undefined,
): Place | undefined {
  const known = entry === undefined ? state.place : (state.places.get(entry) ?? state.place);
  if (body?.type !== 'move') return known;
  return body.replaces.map((op) => state.arrivals.get(keyOf(op))).findLast(Boolean) ?? known;
}

function keyOf({ journal, sequence, index }: OpId): string {
  return `${journal}/${String(sequence)}/${String(index)}`;
}
