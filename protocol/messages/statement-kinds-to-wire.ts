/** The kinds of statement, from the domain's types to the generated ones. */
import { idToBytes } from '../ids.ts';
import type { peervault } from '../proto/members.js';
import { packChunks } from './named-chunks-wire.ts';
import type { PositionWire, StatementWire } from './statement-kinds-from-wire.ts';
import {
  revokeReasons,
  type Certificate,
  type Cutoff,
  type Epoch,
  type Grant,
  type JournalPosition,
  type Revoke,
  type SealedKey,
  type StatementKind,
} from './statement.ts';

/** The one field of the wire's oneof that is set. An `unknown` kind cannot be issued. */
export function kindToWire(kind: StatementKind): StatementWire {
  switch (kind.type) {
    case 'genesis':
      return { genesis: kind };
    case 'grant':
      return { grant: grant(kind) };
    case 'revoke':
      return { revoke: revoke(kind) };
    case 'epoch':
      return { epoch: epoch(kind) };
    case 'member-key':
      return {
        memberKey: {
          generation: kind.generation,
          sealed: kind.sealed.map(sealedKey),
          wrappedPrevious: kind.wrappedPrevious.map((row) => ({
            ...row,
            statement: idToBytes(row.statement),
          })),
        },
      };
    case 'recover':
      return {
        recover: {
          owner: kind.owner,
          replaces: kind.replaces,
          lastStatement: optionalId(kind.lastStatement),
        },
      };
    case 'choose-branch':
      return { chooseBranch: positionToWire(kind) };
    case 'checkpoint':
      return {
        checkpoint: {
          vector: kind.vector.map(positionToWire),
          stateRoot: kind.stateRoot,
          excluded: kind.excluded.map(positionToWire),
          ...(kind.fold !== undefined && {
            pages: packChunks(kind.fold.pages),
            epoch: idToBytes(kind.fold.epoch),
          }),
        },
      };
    case 'release':
      return {
        release: {
          chunks: Buffer.concat(kind.chunks.map(idToBytes)),
          vector: kind.vector.map(positionToWire),
        },
      };
    case 'placement-map':
      return {
        placementMap: {
          generation: kind.generation,
          placements: kind.placements.map((row) => ({ ...row, device: idToBytes(row.device) })),
        },
      };
    case 'unknown':
      return {};
  }
}

function grant(kind: Grant): peervault.members.Grant.$Properties {
  return {
    certificate: certificateToWire(kind.certificate),
    memberKey: kind.memberKey === undefined ? null : sealedKey(kind.memberKey),
    epochs: kind.epochs.map(sealedKey),
    ticket: optionalId(kind.ticket),
    lastBatches: kind.lastBatches.map(cutoff),
  };
}

/** A device's certificate; its encoded length is bounded by `limits.members.certificateBytesMax`. */
export function certificateToWire(
  certificate: Certificate,
): peervault.members.Certificate.$Properties {
  return { ...certificate, device: idToBytes(certificate.device) };
}

function sealedKey(key: SealedKey): peervault.members.SealedKey.$Properties {
  return {
    subject: optionalId(key.subject),
    recipient: optionalId(key.recipient),
    encapsulated: key.encapsulated,
    ciphertext: key.ciphertext,
  };
}

function revoke(kind: Revoke): peervault.members.Revoke.$Properties {
  return {
    device: idToBytes(kind.device),
    lastBatches: kind.lastBatches.map(cutoff),
    lastStatement: optionalId(kind.lastStatement),
    reason: kind.reason === undefined ? 0 : revokeReasons[kind.reason],
  };
}

function cutoff(row: Cutoff): peervault.members.Cutoff.$Properties {
  return {
    incarnation: idToBytes(row.incarnation),
    sequence: row.sequence,
    hash: idToBytes(row.hash),
  };
}

function epoch(kind: Epoch): peervault.members.Epoch.$Properties {
  return {
    parents: kind.parents.map(idToBytes),
    sealed: kind.sealed.map(sealedKey),
    wrappedParents: kind.wrappedParents.map((row) => ({ ...row, epoch: idToBytes(row.epoch) })),
    nonce: kind.nonce,
  };
}

/** Where a journal stands, on the wire. */
export function positionToWire(position: JournalPosition): PositionWire {
  return { device: idToBytes(position.device), ...cutoff(position) };
}

function optionalId(id: Parameters<typeof idToBytes>[0] | undefined): Buffer | null {
  return id === undefined ? null : idToBytes(id);
}
