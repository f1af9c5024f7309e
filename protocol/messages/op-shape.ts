/**
 * What journal.proto messages may look like before the generated decoder sees them. The bounds here
 * only keep memory in check: a name that is too long or a reference too many makes one operation
 * invalid (agent/journal/check-op.ts), never a whole batch unreadable.
 */
import { journal } from '../limits.ts';
import type { MessageShape } from './shape.ts';

const number = {} as const;
const id16 = { bytesMax: 16 } as const;
const id32 = { bytesMax: 32 } as const;
/** Bounded by the batch around it. */
const anyBytes = { bytesMax: journal.batchBytesMax } as const;
const packedIds = { bytesMax: journal.idsPerBatchMax * 36 } as const;

/** References of one list that are decoded at all. */
const refsDecodedMax = 4096;

const seen: MessageShape = { 1: id16, 2: { bytesMax: 8 }, 3: number };
const opRef: MessageShape = { 1: id16, 2: { bytesMax: 8 }, 3: number, 4: number };
const refs = { nested: opRef, countMax: refsDecodedMax } as const;
const replaced = { nested: { 1: id16, 2: id16, 3: refs } } as const;

const extendedAttribute: MessageShape = { 1: anyBytes, 2: anyBytes };
const attributes = {
  nested: {
    1: number,
    2: number,
    3: number,
    4: { nested: extendedAttribute, countMax: refsDecodedMax },
  },
} as const;

const smallRef: MessageShape = { 1: id32, 2: id32, 3: id32, 4: id32 };
const chunkRef: MessageShape = { 1: id32, 2: id32, 3: id32, 4: number, 5: number, 6: number };
const content = {
  nested: { 1: number, 2: { nested: smallRef }, 3: { nested: chunkRef }, 4: { nested: chunkRef } },
} as const;

const make: MessageShape = {
  1: id16,
  2: number,
  3: id16,
  4: id16,
  5: anyBytes,
  6: attributes,
  7: content,
  8: anyBytes,
  9: replaced,
};
const write: MessageShape = { 1: id16, 2: refs, 3: content, 4: attributes, 5: refs };
const setAttributes: MessageShape = { 1: id16, 2: refs, 3: attributes };
const link: MessageShape = { 1: id16, 2: id16, 3: anyBytes, 4: id16, 5: replaced };
const move: MessageShape = { 1: id16, 2: id16, 3: id16, 4: anyBytes, 5: refs, 6: replaced };
const unlink: MessageShape = { 1: id16, 2: id16, 3: refs };
const removeDirectory: MessageShape = { 1: id16, 2: refs };
const takeSnapshot: MessageShape = {
  1: id16,
  2: { ...anyBytes, text: true },
  3: { nested: seen, countMax: journal.seenMax },
};
const dropSnapshot: MessageShape = { 1: id16 };
const noteSealing: MessageShape = { 1: id16, 2: id32, 3: anyBytes };
const note: MessageShape = {
  1: id16,
  2: id16,
  3: { ...anyBytes, text: true },
  4: id16,
  5: { nested: noteSealing, countMax: refsDecodedMax },
};

const op: MessageShape = {
  1: { nested: make },
  2: { nested: write },
  3: { nested: setAttributes },
  4: { nested: link },
  5: { nested: move },
  6: { nested: unlink },
  7: { nested: removeDirectory },
  8: { nested: takeSnapshot },
  9: { nested: dropSnapshot },
  10: { nested: note },
};

const reissued: MessageShape = {
  1: { bytesMax: 8 },
  2: number,
  3: id32,
  4: number,
  5: number,
  6: number,
};

export const batchShape: MessageShape = {
  1: { bytesMax: journal.batchBytesMax },
  2: { bytesMax: journal.batchBytesMax },
  3: { bytesMax: 64 },
  10: id32,
};

export const batchHeaderShape: MessageShape = {
  1: number,
  2: id32,
  3: id16,
  4: { bytesMax: 8 },
  5: number,
  6: id32,
  7: { ...id32, countMax: journal.membershipHeadsMax },
  8: id32,
  9: id32,
  10: packedIds,
  11: packedIds,
  12: packedIds,
  13: { ...id32, countMax: journal.acknowledgesPerBatchMax },
};

export const batchBodyShape: MessageShape = {
  1: number,
  2: number,
  3: number,
  4: { nested: seen, countMax: journal.seenMax },
  5: { nested: op, countMax: journal.opsPerBatchMax },
  6: { nested: reissued, countMax: journal.reissuesPerBatchMax },
};
