/** What state.proto messages may look like before the generated decoder sees them. */
import { journal, names, notes, state } from '../limits.ts';
import type { MessageShape } from './shape.ts';

const number = {} as const;
const id16 = { bytesMax: 16 } as const;
const id24 = { bytesMax: 24 } as const;
const id32 = { bytesMax: 32 } as const;
const many = { countMax: state.listMax } as const;

const opId = { nested: { 1: number, 2: number, 3: number } } as const;
const opIds = { ...opId, ...many } as const;
const stamp = { nested: { 1: number, 2: number } } as const;
const seen = { nested: { 1: number, 2: number }, countMax: journal.seenMax } as const;

const sealing: MessageShape = { 1: id16, 2: id32, 3: { bytesMax: notes.textBytesMax + 16 } };
const note: MessageShape = {
  1: id16,
  2: id16,
  3: { bytesMax: notes.textBytesMax, text: true },
  4: id16,
  5: { nested: sealing, countMax: 2 },
};

const xattr: MessageShape = {
  1: { bytesMax: names.xattrNameBytesMax },
  2: { bytesMax: names.xattrValueBytesMax },
};
const attributes = {
  nested: { 1: number, 2: number, 3: number, 4: { nested: xattr, ...many } },
} as const;
const small: MessageShape = { 1: id32, 2: id32, 3: id32, 4: number };
const chunk: MessageShape = { 1: id32, 2: id32, 3: number, 4: number, 5: number, 6: number };
const content = {
  nested: { 1: number, 2: { nested: small }, 3: { nested: chunk }, 4: { nested: chunk } },
} as const;
const place = {
  nested: { 1: id16, 2: id16, 3: { bytesMax: names.nameBytesMax }, 4: number },
} as const;

const op: MessageShape = {
  1: opId,
  2: stamp,
  3: place,
  4: attributes,
  5: content,
  6: attributes,
  7: number,
};
const entry: MessageShape = { 1: id16, 2: opId, 3: stamp, 4: opIds };
const waiting: MessageShape = {
  1: opId,
  2: stamp,
  3: place,
  4: number,
  5: { ...opId, countMax: journal.refsPerOpMax },
};
const target: MessageShape = { 1: { bytesMax: names.targetBytesMax }, 2: opId };
const outdated: MessageShape = {
  1: opId,
  2: number,
  3: number,
  4: { bytesMax: names.xattrNameBytesMax, ...many },
};

const node: MessageShape = {
  1: id16,
  2: number,
  3: number,
  4: id16,
  5: number,
  6: { nested: target },
  7: { nested: op, ...many },
  8: { nested: entry, ...many },
  9: { nested: waiting, ...many },
  10: opIds,
  11: opIds,
  12: opIds,
  13: { nested: outdated, ...many },
};

const lowered: MessageShape = { 1: number, 2: number, 3: seen };
const counters: MessageShape = {
  1: number,
  2: { ...many, packed: true },
  3: { nested: lowered, ...many },
};
const snapshot: MessageShape = {
  1: id16,
  2: { bytesMax: names.nameBytesMax, text: true },
  3: seen,
  4: opId,
  5: stamp,
};

export const stateItemShape: MessageShape = {
  1: { nested: { 1: number } },
  2: { nested: { 1: number, 2: number, 3: id32 } },
  3: { nested: counters },
  4: { nested: snapshot },
  5: { nested: { 1: { ...id16, ...many } } },
  6: { nested: { 1: opId, 2: stamp, 3: { nested: note } } },
  7: { nested: node },
};

export const statePageShape: MessageShape = {
  1: number,
  2: { ...id24, countMax: state.itemsPerPageMax },
  3: { ...id32, countMax: state.itemsPerPageMax },
  4: { bytesMax: state.pageBytesMax, countMax: state.itemsPerPageMax },
};
