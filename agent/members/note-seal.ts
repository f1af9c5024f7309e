/**
 * The text of a note to one device: sealed to that device and to its author, and to nobody else who
 * reads the vault. It is bound to the vault, its author, the note and the recipient, so that it cannot
 * pass for another one; that the author said it is what the signature of its batch says.
 */
import { isUtf8 } from 'node:buffer';
import { isVaultError } from '../../protocol/errors.ts';
import { domainHash } from '../../protocol/hash.ts';
import { idToBytes, type DeviceId, type VaultId } from '../../protocol/ids.ts';
import type { NoteOp, NoteSealing } from '../../protocol/messages/op.ts';
import type { Random } from '../ports.ts';
import { openSealing, sealTo, type SealingContext } from './hpke.ts';

export interface NoteBinding {
  readonly vault: VaultId;
  readonly author: DeviceId;
  /** 32 hex digits. */
  readonly id: string;
}

/** Whom a note is sealed to. */
export interface NoteReader {
  readonly device: DeviceId;
  /** 32 bytes, X25519. */
  readonly noiseKey: Uint8Array;
}

const domain = 'peervault/1/note';

export function sealNote(
  random: Random,
  text: string,
  note: NoteBinding & { readonly readers: readonly NoteReader[] },
): readonly NoteSealing[] {
  return note.readers.map(({ device, noiseKey }) => ({
    recipient: device,
    ...sealTo(noiseKey, Buffer.from(text), {
      ...contextOf(note, device),
      ephemeral: random.bytes(32),
    }),
  }));
}

/**
 * The text, as `reader` may read it.
 * @returns undefined when it is not sealed to this one, or is no text
 */
export function openNote(
  reader: { readonly device: DeviceId; readonly noiseSecretKey: Uint8Array },
  { sealed }: Pick<NoteOp, 'sealed'>,
  note: NoteBinding,
): string | undefined {
  const { device, noiseSecretKey } = reader;
  const ours = sealed.find(({ recipient }) => recipient === device);
  if (ours === undefined) return undefined;
  try {
    const bytes = openSealing(noiseSecretKey, ours, contextOf(note, device));
    return isUtf8(bytes) ? bytes.toString() : undefined;
  } catch (error) {
    if (isVaultError(error, 'no-key', 'malformed')) return undefined;
    throw error;
  }
}

function contextOf({ vault, author, id }: NoteBinding, recipient: DeviceId): SealingContext {
  return {
    info: Buffer.concat([domainHash(domain), idToBytes(vault), idToBytes(author)]),
    aad: Buffer.concat([Buffer.from(id, 'hex'), idToBytes(recipient)]),
  };
}
