/**
 * The kinds of statement, from the generated types to the domain's. The shape was checked before;
 * here every fixed length is exact and every number in its range.
 */
import { VaultError } from '../errors.ts';
import { idBytes, idFromBytes, type ChunkId } from '../ids.ts';
import { chunk } from '../limits.ts';
import type { peervault } from '../proto/members.js';
import { exactBytes, optionalWireId, wireId, type WireBytes } from './exact-bytes.ts';
import { unpackChunks } from './named-chunks-wire.ts';
import {
  revokeReasons,
  type Certificate,
  type Chunking,
  type Cutoff,
  type Fold,
  type JournalPosition,
  type RevokeReason,
  type SealedKey,
  type StatementKind,
  type WrappedSecret,
} from './statement.ts';
import { countFromWire } from './wire-number.ts';

export type StatementWire = peervault.members.Statement.$Properties;
type Present<K extends keyof StatementWire> = NonNullable<StatementWire[K]>;
export type PositionWire = peervault.members.Position.$Properties;

/**
 * What the statement says; `unknown` when a newer version made it. Of several things at once the last
 * is read, as protobuf has it for a oneof.
 * @throws VaultError `malformed`
 */
export function kindFromWire(wire: StatementWire): StatementKind {
  return (
    present(wire.genesis, genesis) ??
    present(wire.grant, grant) ??
    present(wire.revoke, revoke) ??
    present(wire.epoch, epoch) ??
    present(wire.memberKey, memberKey) ??
    present(wire.recover, recover) ??
    present(wire.chooseBranch, chooseBranch) ??
    present(wire.checkpoint, checkpoint) ??
    present(wire.release, release) ??
    present(wire.placementMap, placementMap) ?? { type: 'unknown' }
  );
}

function present<W>(
  value: W | null | undefined,
  read: (value: W) => StatementKind,
): StatementKind | undefined {
  return value === null || value === undefined ? undefined : read(value);
}

function genesis(wire: Present<'genesis'>): StatementKind {
  return {
    type: 'genesis',
    owner: exactBytes(wire.owner, 32, 'genesis.owner'),
    recoverySign: exactBytes(wire.recoverySign, 32, 'genesis.recovery_sign'),
    recoverySeal: exactBytes(wire.recoverySeal, 32, 'genesis.recovery_seal'),
    salt: exactBytes(wire.salt, 32, 'genesis.salt'),
    chunking: chunking(wire.chunking ?? {}),
  };
}

function chunking(wire: peervault.members.Chunking.$Properties): Chunking {
  return {
    chunker: count(wire.chunker, 'chunking.chunker'),
    minBytes: count(wire.minBytes, 'chunking.min_bytes'),
    averageBytes: count(wire.averageBytes, 'chunking.average_bytes'),
    maxBytes: count(wire.maxBytes, 'chunking.max_bytes'),
  };
}

function grant(wire: Present<'grant'>): StatementKind {
  const { memberKey: key } = wire;
  return {
    type: 'grant',
    certificate: certificate(wire.certificate ?? {}),
    memberKey: key === null || key === undefined ? undefined : sealedKey(key),
    epochs: (wire.epochs ?? []).map(sealedKey),
    ticket: optionalWireId('ticket', wire.ticket),
    lastBatches: (wire.lastBatches ?? []).map(cutoff),
  };
}

function certificate(wire: peervault.members.Certificate.$Properties): Certificate {
  const capabilities = count(wire.capabilities, 'certificate.capabilities');
  if (capabilities > 0xffff) refuse('certificate', 'capabilities out of range');
  return {
    device: wireId('device', wire.device),
    signKey: exactBytes(wire.signKey, 32, 'certificate.sign_key'),
    noiseKey: exactBytes(wire.noiseKey, 32, 'certificate.noise_key'),
    capabilities,
    quotaBytes: count(wire.quotaBytes, 'certificate.quota_bytes'),
    sealedLabel: Buffer.from(wire.sealedLabel ?? []),
  };
}

function sealedKey(wire: peervault.members.SealedKey.$Properties): SealedKey {
  return {
    subject: optionalWireId('statement', wire.subject),
    recipient: optionalWireId('device', wire.recipient),
    encapsulated: exactBytes(wire.encapsulated, 32, 'sealed_key.encapsulated'),
    ciphertext: Buffer.from(wire.ciphertext ?? []),
  };
}

function revoke(wire: Present<'revoke'>): StatementKind {
  return {
    type: 'revoke',
    device: wireId('device', wire.device),
    lastBatches: (wire.lastBatches ?? []).map(cutoff),
    lastStatement: optionalWireId('statement', wire.lastStatement),
    reason: revokeReason(count(wire.reason, 'revoke.reason')),
  };
}

/** A reason of a newer version is no reason to ignore a revocation. */
function revokeReason(number: number): RevokeReason | undefined {
  const names = Object.keys(revokeReasons) as RevokeReason[];
  return names.find((name) => revokeReasons[name] === number);
}

function cutoff(wire: peervault.members.Cutoff.$Properties): Cutoff {
  return {
    incarnation: wireId('incarnation', wire.incarnation),
    sequence: count(wire.sequence, 'cutoff.sequence'),
    hash: wireId('batch', wire.hash),
  };
}

function epoch(wire: Present<'epoch'>): StatementKind {
  return {
    type: 'epoch',
    parents: (wire.parents ?? []).map((id) => wireId('epoch', id)),
    sealed: (wire.sealed ?? []).map(sealedKey),
    wrappedParents: (wire.wrappedParents ?? []).map(wrappedSecret),
    nonce: exactBytes(wire.nonce, 32, 'epoch.nonce'),
  };
}

function wrappedSecret(wire: peervault.members.WrappedSecret.$Properties): WrappedSecret {
  return {
    epoch: wireId('epoch', wire.epoch),
    nonce: exactBytes(wire.nonce, 12, 'wrapped_secret.nonce'),
    ciphertext: Buffer.from(wire.ciphertext ?? []),
  };
}

function memberKey(wire: Present<'memberKey'>): StatementKind {
  return {
    type: 'member-key',
    generation: count(wire.generation, 'member_key.generation'),
    sealed: (wire.sealed ?? []).map(sealedKey),
    wrappedPrevious: (wire.wrappedPrevious ?? []).map((row) => ({
      statement: wireId('statement', row.statement),
      nonce: exactBytes(row.nonce, 12, 'wrapped_member_key.nonce'),
      ciphertext: Buffer.from(row.ciphertext ?? []),
    })),
  };
}

function recover(wire: Present<'recover'>): StatementKind {
  return {
    type: 'recover',
    owner: exactBytes(wire.owner, 32, 'recover.owner'),
    replaces: exactBytes(wire.replaces, 32, 'recover.replaces'),
    lastStatement: optionalWireId('statement', wire.lastStatement),
  };
}

function chooseBranch(wire: Present<'chooseBranch'>): StatementKind {
  return { type: 'choose-branch', ...positionFromWire(wire) };
}

function checkpoint(wire: Present<'checkpoint'>): StatementKind {
  return {
    type: 'checkpoint',
    vector: (wire.vector ?? []).map(positionFromWire),
    stateRoot: exactBytes(wire.stateRoot, 32, 'checkpoint.state_root'),
    excluded: (wire.excluded ?? []).map(positionFromWire),
    ...foldFromWire(wire),
  };
}

/** One that names no pages is a checkpoint to agree to. */
function foldFromWire({ pages, epoch }: Present<'checkpoint'>): { readonly fold?: Fold } {
  const chunks = unpackChunks(pages, chunk.sealedBytesMax);
  return chunks.length === 0 ? {} : { fold: { pages: chunks, epoch: wireId('epoch', epoch) } };
}

function release(wire: Present<'release'>): StatementKind {
  return {
    type: 'release',
    chunks: chunkIds(wire.chunks),
    vector: (wire.vector ?? []).map(positionFromWire),
  };
}

function chunkIds(packed: WireBytes): ChunkId[] {
  const bytes = packed ?? new Uint8Array();
  if (bytes.length % idBytes.chunk !== 0) refuse('release.chunks', 'not a whole number of ids');
  const ids: ChunkId[] = [];
  for (let at = 0; at < bytes.length; at += idBytes.chunk) {
    ids.push(idFromBytes('chunk', bytes.subarray(at, at + idBytes.chunk)));
  }
  return ids;
}

function placementMap(wire: Present<'placementMap'>): StatementKind {
  return {
    type: 'placement-map',
    generation: count(wire.generation, 'placement_map.generation'),
    placements: (wire.placements ?? []).map((row) => ({
      device: wireId('device', row.device),
      weight: count(row.weight, 'placement.weight'),
      domain: count(row.domain, 'placement.domain'),
    })),
  };
}

/** Where a journal stands. @throws VaultError `malformed` */
export function positionFromWire(wire: PositionWire): JournalPosition {
  return {
    device: wireId('device', wire.device),
    incarnation: wireId('incarnation', wire.incarnation),
    sequence: count(wire.sequence, 'position.sequence'),
    hash: wireId('batch', wire.hash),
  };
}

function count(value: Parameters<typeof countFromWire>[0], field: string): number {
  return countFromWire(value, `messages.${field}`);
}

function refuse(subject: string, detail: string): never {
  throw new VaultError('malformed', { op: 'messages.kindFromWire', subject, detail });
}
