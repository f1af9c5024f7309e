/** `vaultd status`: whether an agent runs for this home, and how it is. Works when nothing runs. */
import { isVaultError } from '../../../protocol/errors.ts';
import { exitStatuses } from '../../../protocol/exit-status.ts';
import type { StatusReport } from '../../../protocol/control/reports.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { inspectHome } from '../../host/node-home.ts';
import type { CommandLine } from '../commands.ts';
import { askAgent } from '../control-call.ts';
import { placesOf } from '../places.ts';
import { say } from '../say.ts';

export async function status(line: CommandLine): Promise<number> {
  const { home, socket } = placesOf(line);
  try {
    const report = await askAgent(socket, (client) => client.status());
    await say(line.json === true ? JSON.stringify({ running: true, ...report }) : textOf(report));
    return 0;
  } catch (error) {
    if (!isVaultError(error, 'no-agent')) throw error;
    await say(line.json === true ? '{"running":false}' : await absentText(home));
    return exitStatuses['no-agent'];
  }
}

async function absentText(home: string): Promise<string> {
  const shown = escapeText(home);
  const complete = (await inspectHome(home)) === 'complete';
  const next = complete ? 'vaultd start' : 'vaultd init, or vaultd join TICKET';
  return `not running: ${shown}${complete ? '' : ' has no vault'}\n  try: ${next}`;
}

function textOf(report: StatusReport): string {
  const supervisor =
    report.supervisorPid === null ? '' : `, supervisor ${String(report.supervisorPid)}`;
  const rows: [string, string][] = [
    ['running', `process ${String(report.pid)}${supervisor}`],
    ['device', report.deviceId === '' ? report.name : `${report.name} ${report.deviceId}`],
    ['role', report.deviceId === '' ? '' : report.role],
    ['vault', report.vaultId],
    ['listen', report.listen],
    ['health', report.health],
    ...report.reasons.map(({ message, next }): [string, string] => [
      '',
      next === undefined ? message : `${message}; try: ${next}`,
    ]),
  ];
  const known = rows.filter(([, value]) => value !== '');
  return known
    .map(([name, value]) => `${name.padEnd(8)} ${escapeText(value)}`.trimEnd())
    .join('\n');
}
