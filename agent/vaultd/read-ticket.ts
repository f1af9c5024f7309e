/** Where a ticket comes from: the command line, standard input, a file. Exactly one of them. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { VaultError } from '../../protocol/errors.ts';
import { members } from '../../protocol/limits.ts';
import type { CommandLine } from './commands.ts';

/** A ticket as text has more characters than bytes, and mail programs add line ends. */
const textBytesMax = 4 * members.ticketBytesMax;

/** @throws VaultError `usage`, `not-found`, `ticket-invalid` when it is longer than any ticket */
export async function readTicket({ ticket, ticketFile }: CommandLine): Promise<string> {
  if (ticket !== undefined && ticketFile !== undefined) throw usage('there are two tickets');
  if (ticketFile !== undefined) return readAll(createReadStream(ticketFile), ticketFile);
  if (ticket === undefined) throw usage('the ticket is missing');
  return ticket === '-' ? readAll(process.stdin, 'standard input') : ticket;
}

async function readAll(source: Readable, name: string): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > textBytesMax) break;
      pieces.push(piece);
    }
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const code = missing ? 'not-found' : 'io';
    throw new VaultError(code, {
      op: 'vaultd.readTicket',
      subject: name,
      detail: missing || !(cause instanceof Error) ? undefined : cause.message,
      next: 'give the file that vault invite was written to, or the ticket itself',
      cause,
    });
  }
  if (length > textBytesMax) {
    throw new VaultError('ticket-invalid', {
      op: 'vaultd.readTicket',
      subject: name,
      detail: 'longer than any ticket',
      next: 'make a ticket with vault invite on a device of the vault',
    });
  }
  return Buffer.concat(pieces).toString('utf8');
}

function usage(detail: string): VaultError {
  return new VaultError('usage', {
    op: 'vaultd.join',
    detail,
    next: 'vaultd join TICKET, vaultd join - or vaultd join --ticket-file FILE',
  });
}
