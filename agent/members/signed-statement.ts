/**
 * Statements with their signatures: made by an issuer at the end of its chain, and checked when they
 * come from elsewhere.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { StatementId, VaultId } from '../../protocol/ids.ts';
import {
  decodeSignedStatement,
  decodeStatement,
  encodeSignedStatement,
  encodeStatement,
  statementSigningBytes,
} from '../../protocol/messages/statement-wire.ts';
import type { SignedStatement, StatementKind } from '../../protocol/messages/statement.ts';
import { verifySignature, type SignKey } from './sign-key.ts';

/** Where in the log a new statement goes. */
export interface StatementPlace {
  readonly vault: VaultId | undefined;
  readonly sequence: number;
  readonly previous: StatementId | undefined;
  readonly heads: readonly StatementId[];
}

/** Signs one statement at its place. @throws VaultError `too-large` */
export function signStatement(
  issuer: SignKey,
  place: StatementPlace,
  kind: StatementKind,
): SignedStatement {
  const body = encodeStatement({ ...place, issuer: issuer.publicKey.toString('hex'), kind });
  const signature = issuer.sign(statementSigningBytes(body));
  const bytes = encodeSignedStatement(body, signature);
  return { statement: decodeStatement(body), body, signature, bytes };
}

/**
 * Reads a statement from elsewhere and checks its form and its signature, not whether it counts.
 * @throws VaultError `malformed`, `too-large`, `protocol-version`
 */
export function verifyStatement(bytes: Uint8Array): SignedStatement {
  const signed = decodeSignedStatement(bytes);
  const issuer = Buffer.from(signed.statement.issuer, 'hex');
  if (!verifySignature(issuer, statementSigningBytes(signed.body), signed.signature)) {
    throw new VaultError('malformed', {
      op: 'members.verifyStatement',
      subject: `statement ${signed.statement.id.slice(0, 16)}`,
      detail: 'the signature is wrong',
    });
  }
  return signed;
}
