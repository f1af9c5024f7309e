/** The answer of a call that is one report, however many messages it takes. */
import { reportToWire } from '../../protocol/messages/control-report.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';

/** @throws VaultError `closed`, `cancelled` when the client has gone */
export async function sendReport(stream: CallStream, report: object): Promise<void> {
  for (const piece of reportToWire(report)) await stream.sendMessage(piece);
}
