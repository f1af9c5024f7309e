/** Every view in a real terminal, at every size, with and without colours: one console, many screens. */
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  healthyStatus,
  roomyDisk,
  someEntries,
  someEvents,
  someKeys,
  someMembers,
  someSettings,
  someTransfers,
  twoPeers,
  whyOf,
} from '../../fixtures/console-reports.ts';
import { sameAsKept } from '../../helpers/golden.ts';
import { startScriptedAgent } from '../../helpers/scripted-agent.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';
import type { TestTerminal } from '../../helpers/terminal.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { listPage } from '../../../protocol/messages/control-entry.ts';
import { reportToWire } from '../../../protocol/messages/control-report.ts';
import { pathRequest } from '../../../protocol/messages/control.ts';

/** The key of a view, and what is on its screen when all of it has come: rates after a second look. */
const views = [
  ['3', 'devices', [/apple bread cloud/, /nas .*12 ms +0 +0 +nothing/, /vps .*3 h ago/]],
  ['4', 'transfers', [/0:15/, /since 06:44:28/]],
  ['5', 'copies', [/31mred.* 1 of 3/, /6\.7 MiB, 3 part/, /3\.9 GiB/]],
  ['6', 'activity', [/is online/, /is damaged/]],
  ['7', 'settings', [/Meaning/, /log\.level/]],
] as const;

/** What is told as an age is the same whenever this runs. */
function seenAt<Row>(lastSeen: string, rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => ({ ...row, lastSeen }));
}

function threeHoursAgo(): string {
  return new Date(Date.now() - 3.5 * 3_600_000).toISOString();
}

async function agentOf(t: ExecutionContext) {
  const agent = await startScriptedAgent(t, join(await temporaryDirectory(t), 'agent.sock'));
  agent.report('status', healthyStatus);
  agent.report('peers', seenAt(threeHoursAgo(), twoPeers));
  agent.report('diskFree', roomyDisk);
  agent.report('members', seenAt(threeHoursAgo(), someMembers));
  agent.report('approvals', []);
  agent.report('transfers', someTransfers);
  agent.report('config', someSettings);
  agent.report('keys', someKeys);
  agent.answer('list', (_request, stream) => stream.sendMessage(listPage.toWire(someEntries)));
  agent.answer('why', async (request, stream) => {
    const { path } = pathRequest.fromWire(request);
    for (const piece of reportToWire(whyOf(path))) await stream.sendMessage(piece);
  });
  agent.happen(...someEvents);
  agent.changed();
  return agent;
}

async function eachView(t: ExecutionContext, terminal: TestTerminal, kind: string): Promise<void> {
  for (const [key, name, shows] of views) {
    terminal.send(key);
    for (const pattern of shows) await terminal.until(pattern);
    sameAsKept(t, `terminal/${name}-${kind}`, await terminal.quiet());
  }
}

test('every view at two sizes; one pane when there is room for one; too small, and back', async (t) => {
  const { socketPath } = await agentOf(t);
  const terminal = startTerminal(t, [tuiProgram, '--attach', socketPath], {
    columns: 200,
    rows: 50,
  });
  await terminal.until(/1 of 2 devices online/);
  await eachView(t, terminal, '200x50');
  terminal.resize(80, 24);
  await eachView(t, terminal, '80x24');
  terminal.resize(40, 10);
  await terminal.until(/^.{0,39}╮$/);
  for (const [key, name] of views) {
    terminal.send(key);
    await terminal.until(new RegExp(`${key} ${name}`, 'i'));
    const lines = await terminal.quiet();
    const corners = lines.join('').match(/╭/g) ?? [];
    t.is(corners.length, 1, `one pane of ${name}:\n${lines.join('\n')}`);
    t.true(lines.length === 10 && lines.every((line) => line.length <= 40));
  }
  sameAsKept(t, 'terminal/settings-40x10', terminal.screen());
  terminal.resize(39, 9);
  await terminal.until(/^Too small$/);
  terminal.resize(80, 24);
  await terminal.until(/Meaning/);
  sameAsKept(t, 'terminal/settings-80x24', await terminal.quiet());
});

test('every view without colours and in ASCII: nothing else is written', async (t) => {
  const { socketPath } = await agentOf(t);
  const terminal = startTerminal(t, [tuiProgram, '--attach', socketPath, '--glyphs', 'ascii'], {
    environment: { NO_COLOR: '1' },
  });
  await terminal.until(/1 of 2 devices online/);
  await eachView(t, terminal, 'ascii');
  const colour = new RegExp(String.raw`\u001b\[[\d;]*(3[0-7]|9[0-7]|38|48)[;m]`);
  t.notRegex(terminal.written(), colour);
  t.notRegex(terminal.written(), /[^\x00-\x7e]/);
});
