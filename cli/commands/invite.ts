/** `vault invite`: makes a ticket. The ticket alone goes to standard output. */
import { open, rm } from 'node:fs/promises';
import { VaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { parseLifetime } from '../../protocol/text/lifetime.ts';
import type { Handler } from '../invocation.ts';
import type { Output } from '../output/output.ts';
import { flag, text, texts, usageError } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';

export const invite: Handler = async ({ line, output, client }) => {
  const request = {
    role: text(line, 'role') ?? 'writer',
    expiresS: lifetimeSeconds(line, text(line, 'expires') ?? '24h'),
    approve: flag(line, 'approve'),
    addresses: texts(line, 'address'),
  };
  const qrFile = text(line, 'qr-file');
  const image = qrFile === undefined ? undefined : await openQrFile(qrFile);
  const report = await (await client()).invite(request).catch(async (error: unknown) => {
    await image?.undo();
    throw error;
  });
  await image?.write(report.ticket);
  if (output.json) {
    output.value(report);
    return 0;
  }
  output.lines([escapeText(report.ticket)]);
  await showQr(output, report.ticket);
  output.note(
    escapeText(`For one device as ${report.role}, until ${report.expires}. On that device:`),
  );
  output.note('  vaultd join TICKET');
  if (report.approve) output.note('It waits then until you confirm it here: vault approve');
  return 0;
};

/** Only where it fits: half a QR code is none. */
async function showQr(output: Output, ticket: string): Promise<void> {
  if (output.quiet || output.columns === undefined || output.rows === undefined) return;
  const { qrLines } = await import('../output/qr.ts');
  const lines = qrLines(ticket, { columns: output.columns, rows: output.rows });
  if (lines === undefined) output.note('(its QR code does not fit here: --qr-file FILE writes it)');
  else for (const each of lines) output.note(each);
}

interface QrFile {
  write(ticket: string): Promise<void>;
  /** There is no ticket for it. */
  undo(): Promise<void>;
}

/** Made before the ticket, so that a path that does not work costs none. @throws VaultError `exists`, `io` */
async function openQrFile(path: string): Promise<QrFile> {
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new VaultError(exists ? 'exists' : 'io', {
      op: 'cli.invite',
      subject: path,
      detail: exists ? undefined : String(cause),
      next: 'name a new file in a directory of your own',
      cause,
    });
  });
  return {
    async write(ticket) {
      const { qrImage } = await import('../output/qr.ts');
      await file.writeFile(qrImage(ticket));
      await file.close();
    },
    async undo() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

function lifetimeSeconds(line: CommandLine, typed: string): number {
  const seconds = parseLifetime(typed);
  if (seconds === undefined) {
    throw usageError(line.command, `--expires ${typed}`, 'a time is needed, as 30m, 24h or 7d');
  }
  return seconds;
}
