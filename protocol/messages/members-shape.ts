/**
 * What members.proto messages may look like before the generated decoder sees them: how often each
 * field may come and how long it may be. The byte lengths of fixed fields are checked once more, and
 * exactly, by the converters.
 */
import { members } from '../limits.ts';
import type { MessageShape } from './shape.ts';

const id32 = { bytesMax: 32 } as const;
const id16 = { bytesMax: 16 } as const;
const number = {} as const;

const sealedKey: MessageShape = {
  1: id32,
  2: id16,
  3: id32,
  4: { bytesMax: members.sealedKeyBytesMax },
};

const certificate: MessageShape = {
  1: id16,
  2: id32,
  3: id32,
  4: number,
  5: number,
  6: { bytesMax: members.sealedLabelBytesMax },
};

const cutoff: MessageShape = { 1: { bytesMax: 8 }, 2: number, 3: id32 };
const wrappedSecret: MessageShape = { 1: id32, 2: { bytesMax: 12 }, 3: { bytesMax: 64 } };
const placement: MessageShape = { 1: id16, 2: number, 3: number };

/** Also of ChooseBranch, which has the same fields. */
export const positionShape: MessageShape = { 1: id16, 2: { bytesMax: 8 }, 3: number, 4: id32 };

const positions = { nested: positionShape, countMax: members.positionsPerStatementMax } as const;
/** One for every device and one for the recovery key. */
const sealedKeys = { nested: sealedKey, countMax: members.devicesMax + 1 } as const;

const genesis: MessageShape = {
  1: id32,
  2: id32,
  3: id32,
  4: id32,
  5: { nested: { 1: number, 2: number, 3: number, 4: number } },
};

const grant: MessageShape = {
  1: { nested: certificate, bytesMax: members.certificateBytesMax },
  2: { nested: sealedKey },
  3: { nested: sealedKey, countMax: members.epochsPerGrantMax },
  4: id16,
  5: { nested: cutoff, countMax: members.incarnationsPerDeviceMax },
};

const revoke: MessageShape = {
  1: id16,
  2: { nested: cutoff, countMax: members.incarnationsPerDeviceMax },
  3: id32,
  4: number,
};

const epoch: MessageShape = {
  1: { ...id32, countMax: members.epochParentsMax },
  2: sealedKeys,
  3: { nested: wrappedSecret, countMax: members.epochParentsMax },
  4: id32,
};

export const statementShape: MessageShape = {
  1: number,
  2: id32,
  3: id32,
  4: number,
  5: id32,
  6: { ...id32, countMax: members.statementHeadsMax },
  10: { nested: genesis },
  11: { nested: grant },
  12: { nested: revoke },
  13: { nested: epoch },
  14: {
    nested: {
      1: number,
      2: sealedKeys,
      3: { nested: wrappedSecret, countMax: members.epochParentsMax },
    },
  },
  15: { nested: { 1: id32, 2: id32, 3: id32 } },
  16: { nested: positionShape },
  17: {
    nested: {
      1: positions,
      2: id32,
      3: positions,
      10: { bytesMax: members.foldPagesMax * 36 },
      11: id32,
    },
  },
  18: { nested: { 1: { bytesMax: members.releasedChunksMax * 32 }, 2: positions } },
  19: {
    nested: { 1: number, 2: { nested: placement, countMax: members.devicesMax } },
  },
};

export const signedStatementShape: MessageShape = {
  1: { bytesMax: members.statementBytesMax },
  2: { bytesMax: 64 },
};

export const ticketShape: MessageShape = {
  1: number,
  2: id32,
  3: id32,
  4: {
    bytesMax: members.addressBytesMax,
    text: true,
    countMax: members.addressesPerDeviceMax,
  },
  5: id32,
  6: number,
  7: { ...id32, countMax: members.ticketHeadsMax },
  8: { nested: positionShape, countMax: members.ticketPositionsMax },
};

export const addressRecordShape: MessageShape = {
  1: id16,
  2: number,
  3: {
    bytesMax: members.addressBytesMax,
    text: true,
    countMax: members.addressesPerDeviceMax,
  },
  4: { bytesMax: 64 },
};
