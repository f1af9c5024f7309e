/**
 * Statements between their bytes and the domain (SPEC.md, "Members"). The body is never encoded a
 * second time: what was signed and hashed is kept as it came. Signatures are checked by
 * `agent/members/signed-statement.ts`; this file knows no keys.
 */
import { VaultError } from '../errors.ts';
import { blake3Of, domainHash } from '../hash.ts';
import { idFromBytes, idToBytes, type DeviceId } from '../ids.ts';
import { members } from '../limits.ts';
import { peervault } from '../proto/members.js';
import { exactBytes, optionalWireId, wireId } from './exact-bytes.ts';
import { signedStatementShape, statementShape } from './members-shape.ts';
import { checkShape } from './shape.ts';
import { kindFromWire } from './statement-kinds-from-wire.ts';
import { kindToWire } from './statement-kinds-to-wire.ts';
import {
  statementDomain,
  type SignedStatement,
  type Statement,
  type StatementContent,
} from './statement.ts';
import { countFromWire } from './wire-number.ts';

const { SignedStatement: SignedWire, Statement: StatementWire } = peervault.members;

/** The version of a statement's body that this code writes and reads. */
export const statementVersion = 1;

/** The body of a statement that is about to be signed. @throws VaultError `too-large` */
export function encodeStatement(content: StatementContent): Buffer {
  const body = Buffer.from(
    StatementWire.encode({
      version: statementVersion,
      vault: content.vault === undefined ? null : idToBytes(content.vault),
      issuer: Buffer.from(content.issuer, 'hex'),
      sequence: content.sequence,
      previous: content.previous === undefined ? null : idToBytes(content.previous),
      heads: content.heads.map(idToBytes),
      ...kindToWire(content.kind),
    }).finish(),
  );
  if (body.length > members.statementBytesMax - envelopeBytesMax) {
    throw new VaultError('too-large', { op: 'messages.encodeStatement', subject: 'statement' });
  }
  return body;
}

/** Tags, lengths and the signature around a body. */
const envelopeBytesMax = 80;

/** What the issuer signs: 32 bytes that say what is signed, then the body. */
export function statementSigningBytes(body: Uint8Array): Buffer {
  return Buffer.concat([domainHash(statementDomain), body]);
}

/** Body and signature as they travel and rest. */
export function encodeSignedStatement(body: Uint8Array, signature: Uint8Array): Buffer {
  return Buffer.from(SignedWire.encode({ body, signature }).finish());
}

/**
 * Reads a signed statement and everything in it, but does not check the signature.
 * @throws VaultError `malformed`, `too-large`, `protocol-version`
 */
export function decodeSignedStatement(bytes: Uint8Array): SignedStatement {
  const op = 'messages.decodeSignedStatement';
  if (bytes.length > members.statementBytesMax) {
    throw new VaultError('too-large', { op, subject: 'statement' });
  }
  checkShape(bytes, signedStatementShape, op);
  const wire = SignedWire.decode(bytes);
  const body = Buffer.from(wire.body);
  const signature = exactBytes(wire.signature, 64, 'signed_statement.signature');
  const canonical = encodeSignedStatement(body, signature);
  // Else one statement could travel in many coats, and each would be stored.
  if (!canonical.equals(bytes)) {
    throw new VaultError('malformed', { op, subject: 'statement', detail: 'not in its one form' });
  }
  return { statement: decodeStatement(body), body, signature, bytes: canonical };
}

/** Reads a body. @throws VaultError `malformed`, `protocol-version` */
export function decodeStatement(body: Uint8Array): Statement {
  const op = 'messages.decodeStatement';
  checkShape(body, statementShape, op);
  const wire = StatementWire.decode(body);
  if (wire.version !== statementVersion) {
    throw new VaultError('protocol-version', {
      op,
      subject: 'statement',
      detail: `version ${String(wire.version)}`,
      next: 'update this device',
    });
  }
  const statement: Statement = {
    id: idFromBytes('statement', blake3Of(statementDomain, body)),
    vault: optionalWireId('vault', wire.vault),
    issuer: exactBytes(wire.issuer, 32, 'statement.issuer').toString('hex'),
    sequence: countFromWire(wire.sequence, op),
    previous: optionalWireId('statement', wire.previous),
    heads: wire.heads.map((id) => wireId('statement', id)),
    kind: kindFromWire(wire),
  };
  checkPlace(statement);
  return statement;
}

/** What a statement says about its own place in the log has to fit together. */
function checkPlace(statement: Statement): void {
  const { vault, issuer, sequence, previous, heads, kind } = statement;
  const isGenesis = kind.type === 'genesis';
  if (sequence < 1) refuse('sequence 0');
  if ((sequence === 1) !== (previous === undefined)) refuse('sequence and previous disagree');
  if (new Set(heads).size !== heads.length) refuse('a head is named twice');
  if (isGenesis !== (vault === undefined)) refuse('only the genesis belongs to no vault');
  if (isGenesis) {
    if (sequence !== 1 || heads.length > 0) refuse('something before the genesis');
    if (kind.owner.toString('hex') !== issuer) refuse('a genesis that its owner did not sign');
  }
  if (kind.type === 'grant') {
    const { device, signKey } = kind.certificate;
    if (device !== deviceIdOf(signKey)) refuse('a certificate for the key of another device');
  }
}

/** The id that belongs to a signing key. @param signKey 32 bytes, Ed25519 */
export function deviceIdOf(signKey: Uint8Array): DeviceId {
  return idFromBytes('device', blake3Of('peervault/1/device', signKey).subarray(0, 16));
}

function refuse(detail: string): never {
  throw new VaultError('malformed', {
    op: 'messages.decodeStatement',
    subject: 'statement',
    detail,
  });
}
