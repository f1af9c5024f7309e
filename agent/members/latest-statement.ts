/** The last statement of an issuer that counts: where a revocation or a recovery draws its line. */
import { VaultError } from '../../protocol/errors.ts';
import type { StatementId } from '../../protocol/ids.ts';
import type { Statement } from '../../protocol/messages/statement.ts';

/**
 * @param said `all` that is known, `none`, hex of an id or of its beginning; undefined: what counts now
 * @param counted statements that count
 * @param known all statements
 * @throws VaultError `not-found`, `usage`
 */
export function lastStatementOf(
  issuer: string,
  said: string | undefined,
  {
    counted,
    known,
  }: { readonly counted: readonly Statement[]; readonly known: readonly Statement[] },
): StatementId | undefined {
  const own = known.filter((statement) => statement.issuer === issuer);
  if (said === undefined) {
    return latest(counted.filter((statement) => statement.issuer === issuer))?.id;
  }
  if (said === 'none') return undefined;
  if (said === 'all') return latest(own)?.id;
  const found = own.filter(({ id }) => id.startsWith(said.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1 && said.length >= 4) return only.id;
  throw new VaultError(found.length > 1 ? 'usage' : 'not-found', {
    op: 'members.lastStatement',
    subject: `statement ${said}`,
    detail: found.length > 1 ? 'several begin so' : 'the device has signed none that begins so',
    next: 'give its id, or say all or none',
  });
}

function latest(statements: readonly Statement[]): Statement | undefined {
  return statements.toSorted((a, b) => a.sequence - b.sequence).at(-1);
}
