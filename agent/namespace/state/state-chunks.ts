/**
 * What a state names of the stores: the beginning of each content that a head has, current or buried.
 * Whoever keeps a list of all chunks adds what the manifests among them name.
 */
import type { ChunkId, NodeId } from '../../../protocol/ids.ts';
import type { Content } from '../../../protocol/messages/op.ts';
import { valuesOf } from '../one-or-many.ts';
import { allNodes } from '../state.ts';
import type { JournaledTree } from '../tree.ts';

export interface StateChunk {
  readonly id: ChunkId;
  /** Sealed; undefined of a small record, whose length only its store knows. */
  readonly length: number | undefined;
  readonly kind: 'small' | 'chunk' | 'manifest';
  readonly content: Content;
  readonly node: NodeId;
}

/** In no order; one id comes as often as heads name it. Undefined after a little work. */
export function* stateChunks(tree: JournaledTree): Generator<StateChunk | undefined> {
  for (const node of allNodes(tree.parts().state)) {
    if (node.kind !== 'void') {
      for (const { content } of valuesOf(node.heads)) {
        if (content !== undefined) yield chunkOf(node.id, content);
      }
    }
    yield undefined;
  }
}

function chunkOf(node: NodeId, content: Content): StateChunk | undefined {
  switch (content.type) {
    case 'empty':
      return undefined;
    case 'small':
      return {
        id: content.small.record,
        length: undefined,
        kind: 'small',
        content,
        node,
      };
    case 'chunk': {
      const { cid, sealedLength } = content.chunk;
      return { id: cid, length: sealedLength, kind: 'chunk', content, node };
    }
    case 'manifest': {
      const { cid, sealedLength } = content.manifest;
      return { id: cid, length: sealedLength, kind: 'manifest', content, node };
    }
  }
}
