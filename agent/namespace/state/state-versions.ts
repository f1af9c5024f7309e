/** Every version that a state holds, for whoever judges versions by the journals, which begin behind it. */
import type { NodeId } from '../../../protocol/ids.ts';
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
