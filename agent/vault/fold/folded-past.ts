/**
 * What the state says about the past, for a history that begins behind it: where each node was, the
 * versions that it had, and the notes. What led there is gone.
 */
import { splitJournalId, type NodeId } from '../../../protocol/ids.ts';
import type { Attributes, OpId, Stamp } from '../../../protocol/messages/op.ts';
import type { Change, FoldedHistory, Note } from '../../history/history.types.ts';
import { opKey } from '../../namespace/records.ts';
import type { JournaledTree } from '../../namespace/tree.ts';
import type { VersionView } from '../../namespace/tree.types.ts';
import type { FoldBase } from './fold-base.ts';

export class FoldedPast implements FoldedHistory {
  readonly #base: FoldBase;

  constructor(base: FoldBase) {
    this.#base = base;
  }

  async changesOf(node: NodeId): Promise<readonly Change[]> {
    const tree = await this.#tree();
    const view = tree?.node(node);
    if (tree === undefined || view === undefined) return [];
    const { mode, mtime } = view;
    const versions = tree.everyHeadOf(node);
    const arrivals = tree.placesOf(node).flatMap(({ entry, parent, name, sinceMs }, at) => {
      const [op] = tree.positionOpsOf(entry, node);
      if (op === undefined) return [];
      const stamp = { wallMs: sinceMs, counter: 0 };
      const place = { entry, parent, name, node };
      const { kind, target } = view;
      return at > 0
        ? changeOf(op, stamp, { type: 'link', ...place })
        : changeOf(op, stamp, {
            type: 'make',
            ...place,
            kind,
            target,
            attributes: { mode, mtime },
          });
    });
    return [...arrivals, ...versions.map((version) => writeOf(node, version))];
  }

  async arrivalsIn(directory: NodeId): Promise<readonly Note[]> {
    const tree = await this.#tree();
    if (tree?.node(directory) === undefined) return [];
    return (tree.list(directory) ?? []).flatMap(({ entry, node }) => {
      const [op] = tree.positionOpsOf(entry, node.id);
      const place = tree.placesOf(node.id).find((each) => each.entry === entry);
      return op === undefined ? [] : { op, wallMs: place?.sinceMs ?? 0, node: node.id };
    });
  }

  /** Of notes only. */
  async change(op: OpId): Promise<Change | undefined> {
    if (op.sequence > (this.#base.places.get(op.journal) ?? 0)) return undefined;
    const note = (await this.#base.notes()).get(opKey(op));
    const ref = (await this.#tree())?.notes().find((each) => opKey(each.op) === opKey(op));
    return note === undefined || ref === undefined ? undefined : changeOf(op, ref.stamp, note);
  }

  #tree(): Promise<JournaledTree | undefined> {
    return this.#base.pastTree();
  }
}

function writeOf(node: NodeId, { op, stamp, content, mode, mtime }: VersionView): Change {
  const attributes: Attributes = { mode, mtime };
  return changeOf(op, stamp, {
    type: 'write',
    ...{ node, content, attributes, supersedes: [], replaces: [] },
  });
}

function changeOf(op: OpId, stamp: Stamp, body: Change['body']): Change {
  return { op, author: splitJournalId(op.journal).device, stamp, body };
}
