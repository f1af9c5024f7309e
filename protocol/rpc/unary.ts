/**
 * The shape that most calls have: one request, one message back.
 */
import { VaultError } from '../errors.ts';
import type { CallOptions, RpcConnection } from './rpc.ts';

/**
 * Calls `method` and gives the one message that it answers with.
 * @throws VaultError the other side's failure, `timeout`, `cancelled`, `closed`; `peer-misbehaved` when
 *   the answer is not exactly one message
 */
export async function callUnary(
  connection: RpcConnection,
  call: { readonly method: number; readonly request: Uint8Array },
  options?: CallOptions,
): Promise<Buffer> {
  const stream = connection.call(call.method, call.request, options);
  stream.end();
  const answer = await stream.receive();
  const after = answer === undefined ? undefined : await stream.receive();
  if (answer?.type === 'message' && after === undefined) return answer.bytes;
  const error = new VaultError('peer-misbehaved', {
    op: 'rpc.callUnary',
    subject: `method ${String(call.method)}`,
    detail: 'an answer that is not exactly one message',
  });
  stream.fail(error);
  throw error;
}
