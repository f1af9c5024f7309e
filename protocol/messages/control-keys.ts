/** The requests about the keys of a device at rest. Passphrases are bytes: a text could not be wiped. */
import { keysAtRest } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { boundedFromWire, bufferFromWire, codec, outOfRange } from './codec.ts';
import type { Codec } from './codec.ts';

const generated = peervault.control;
const passphrase = { bytesMax: keysAtRest.passphraseBytesMax + 2 } as const;

/** The bytes of a passphrase, as typed or as a file has them. */
export interface PassphraseBytes {
  readonly passphrase: Buffer;
}

export type PassphraseRequest =
  | { readonly change: 'set'; readonly next: Buffer }
  | { readonly change: 'change'; readonly current: Buffer; readonly next: Buffer }
  | { readonly change: 'remove'; readonly current: Buffer };

export const unlockRequest: Codec<PassphraseBytes> = codec(
  'control.unlock',
  { 1: passphrase },
  generated.UnlockRequest,
  {
    toWire: (value) => ({ passphrase: value.passphrase }),
    fromWire: (message) => ({ passphrase: bufferFromWire(message.passphrase) }),
  },
);

export const keysBackupRequest: Codec<PassphraseBytes> = codec(
  'control.keysBackup',
  { 1: passphrase },
  generated.KeysBackupRequest,
  {
    toWire: (value) => ({ passphrase: value.passphrase }),
    fromWire: (message) => ({ passphrase: bufferFromWire(message.passphrase) }),
  },
);

const changes = ['set', 'change', 'remove'] as const;

export const passphraseRequest: Codec<PassphraseRequest> = codec(
  'control.passphrase',
  { 1: {}, 2: passphrase, 3: passphrase },
  generated.PassphraseRequest,
  {
    toWire: (value) => ({
      change: changes.indexOf(value.change) + 1,
      ...('current' in value ? { current: value.current } : {}),
      ...('next' in value ? { next: value.next } : {}),
    }),
    fromWire(message, op) {
      const number = boundedFromWire(message.change, changes.length, op);
      const change = changes[number - 1];
      if (change === undefined) throw outOfRange(op, number);
      const current = bufferFromWire(message.current);
      const next = bufferFromWire(message.next);
      switch (change) {
        case 'set':
          return { change, next };
        case 'change':
          return { change, current, next };
        case 'remove':
          return { change, current };
      }
    },
  },
);
