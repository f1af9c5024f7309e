/** What stands for a whole content: the chunk or small record that is read first. */
import type { ChunkId } from '../../protocol/ids.ts';
import type { Content } from '../../protocol/messages/op.ts';

/** undefined: it has no bytes. */
export function rootOf(content: Content): ChunkId | undefined {
  switch (content.type) {
    case 'empty':
      return undefined;
    case 'small':
      return content.small.record;
    case 'chunk':
      return content.chunk.cid;
    case 'manifest':
      return content.manifest.cid;
  }
}
