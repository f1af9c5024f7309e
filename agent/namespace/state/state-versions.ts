/** Every version that a state holds, for whoever judges versions by the journals, which begin behind it. */
import type { NodeId } from '../../../protocol/ids.ts';
import type { Content } from '../../../protocol/messages/op.ts';
import { headsToName } from '../contents.ts';
import { valuesOf } from '../one-or-many.ts';
import { allNodes } from '../state.ts';
import type { JournaledTree } from '../tree.ts';
import type { VersionView } from '../tree.types.ts';
import { headViews } from '../views.ts';

export interface StateVersions {
  readonly node: NodeId;
  /** A node that shares its history; undefined: none that it points to. */
  readonly lineage: NodeId | undefined;
  /** Current and buried. */
  readonly versions: readonly VersionView[];
}

/** Node by node, in no order. */
export function* stateVersions(tree: JournaledTree): Generator<StateVersions> {
  for (const node of allNodes(tree.parts().state)) {
    yield { node: node.id, lineage: node.rare?.lineage, versions: headViews(node) };
  }
}

/**
 * What files of a state still have: of one that was deleted only what no deletion had seen, since all that
 * could have brought it back is in the state. Node by node, in no order.
 */
export function* livingContents(tree: JournaledTree): Generator<Content> {
  for (const node of allNodes(tree.parts().state)) {
    const heads = node.kind === 'file' ? headsToName(node) : valuesOf(node.heads);
    for (const { content } of heads) if (content !== undefined) yield content;
  }
}
