/** The publisher's side of a device of the namespace's tests: what is published is in the tree at once. */
import type { Contribution, Publication } from '../../agent/vault/publisher.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { TreeDevice } from './tree-device.ts';

export interface TreePublisher {
  readonly contributions: readonly Contribution[];
  publish(publication: Publication): Promise<readonly OpId[]>;
}

export function treePublisher(device: TreeDevice): TreePublisher {
  const contributions: Contribution[] = [];
  return {
    contributions,
    async publish({ build }) {
      // Like the real one, it never answers in the same turn.
      await Promise.resolve();
      const contribution = build(device.tree);
      contributions.push(contribution);
      const { journal, sequence } = device.say(contribution.ops).header;
      return contribution.ops.map((_, index) => ({ journal, sequence, index }));
    },
  };
}
