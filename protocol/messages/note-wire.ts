/** Notes between journal.proto and the domain. Which of them are allowed says `check-op.ts`. */
import { idToBytes } from '../ids.ts';
import type { peervault } from '../proto/journal.js';
import { exactBytes, optionalWireId, wireId } from './exact-bytes.ts';
import type { NoteOp } from './op.ts';

type WireNote = peervault.journal.Note.$Properties;

export function noteToWire({ id, about, text, to, sealed }: NoteOp): WireNote {
  return {
    id: Buffer.from(id, 'hex'),
    about: about === undefined ? null : idToBytes(about),
    text: text ?? '',
    to: to === undefined ? null : idToBytes(to),
    sealed: sealed.map(({ recipient, ...sealing }) => ({
      recipient: idToBytes(recipient),
      ...sealing,
    })),
  };
}

/** @throws VaultError `malformed` */
export function noteFromWire(wire: WireNote): NoteOp {
  const about = optionalWireId('node', wire.about);
  const to = optionalWireId('device', wire.to);
  return {
    type: 'note',
    // Of the form of a node's, and nothing else in common with it.
    id: wireId('node', wire.id),
    ...(about === undefined ? {} : { about }),
    ...(wire.text ? { text: wire.text } : {}),
    ...(to === undefined ? {} : { to }),
    sealed: (wire.sealed ?? []).map(({ recipient, encapsulated, ciphertext }) => ({
      recipient: wireId('device', recipient),
      encapsulated: exactBytes(encapsulated, 32, 'note.encapsulated'),
      ciphertext: Buffer.from(ciphertext ?? []),
    })),
  };
}
