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

/** Names that terminals do not agree about, beside plain ones. */
const oddNames = [
  ...[
    'plain.txt',
    '日本語.txt',
    'e\u0301a\u0308.txt',
    '❤\ufe0f heart',
    '👩\u200d👧 family',
    '🇩🇪 flag',
  ],
  ...[
    '① ambiguous ±',
    '한글',
    '\u1112\u1161\u11ab jamo',
    'ก็ thai',
    'x\u0301\u0302\u0303\u0304 stack',
  ],
  ...[`${'長'.repeat(60)}.txt`, `${'👍'.repeat(60)}.txt`, 'a\u202eb', 'tab\there'],
];

test('names of all kinds stay in their columns, and the frame is straight', async (t) => {
  const agent = await agentOf(t);
  const entries = oddNames.map((name) => ({ ...someEntries[1]!, path: Buffer.from(name) }));
  agent.answer('list', (_request, stream) => stream.sendMessage(listPage.toWire(entries)));
  for (const [kind, words, environment] of [
    ['braille', [], {}],
    ['ascii', ['--glyphs', 'ascii'], { LANG: 'C', LC_ALL: 'C' }],
  ] as const) {
    const terminal = startTerminal(
      t,
      [tuiProgram, '--attach', agent.socketPath, '--view', 'files', ...words],
      { environment },
    );
    await terminal.until(/plain\.txt/);
    await terminal.until(/1 of 15/);
    const lines = await terminal.quiet();
    sameAsKept(t, `terminal/names-80x24-${kind}`, lines);
    for (let row = 3; row < 20; row += 1) t.regex(terminal.cell(79, row), /[│┃█|#]/, lines[row]);
  }
});

const at = (button: number, x: number, y: number) =>
  `\u001b[<${String(button)};${String(x + 1)};${String(y + 1)}M\u001b[<${String(button)};${String(x + 1)};${String(y + 1)}m`;

test('in every view a click selects and the wheel moves what is under it; given back, nothing of it is a key', async (t) => {
  const { socketPath } = await agentOf(t);
  const terminal = startTerminal(t, [tuiProgram, '--attach', socketPath], {
    columns: 120,
    rows: 40,
  });
  await terminal.until(/1 of 2 devices online/);
  for (const [key, name, shows] of [...views, ['2', 'files', [/photos/]]] as const) {
    terminal.send(key);
    for (const pattern of shows) await terminal.until(pattern);
    // The first row of the list is below the frame and the head.
    terminal.send(at(0, 5, 5));
    await terminal.untilRow(5, /^[│┃|]▸/);
    terminal.send(at(64, 5, 5));
    await terminal.untilRow(4, /^[│┃|]▸/);
    terminal.send(at(65, 5, 5));
    await terminal.untilGoneRow(4, /^[│┃|]▸/);
    t.regex(terminal.screen()[1] ?? '', new RegExp(`▸\\d ${name}`, 'i'));
  }
  // A name in the head leads there.
  terminal.send(at(0, 4, 1));
  await terminal.until(/▸1 Overview/);
  terminal.send('m');
  await terminal.until(/The terminal has the mouse/);
  t.true(
    terminal.written().lastIndexOf('\u001b[?1000l') >
      terminal.written().lastIndexOf('\u001b[?1000h'),
  );
  const before = await terminal.quiet();
  // On its way already, in pieces, and keys that nobody knows.
  for (const piece of [
    '\u001b',
    '[<0;3',
    ';2M',
    '\u001b[',
    '<0;3;2m',
    '\u001b[25~',
    '\u001b[M !"',
  ]) {
    terminal.send(piece);
    await terminal.quiet(30);
  }
  t.is(terminal.screen()[1], before[1]);
});

test('what is pasted into a line stays in it, with its end in sight; too much is refused, and is no keys', async (t) => {
  const { socketPath } = await agentOf(t);
  const terminal = startTerminal(t, [tuiProgram, '--attach', socketPath, '--view', 'files']);
  await terminal.until(/photos/);
  terminal.send('n');
  await terminal.until(/name of the new directory/);
  terminal.send(`\u001b[200~${'x'.repeat(300)}\u001b[<0;1;1M the end\u001b[201~`);
  const [line = ''] = (await terminal.until(/xx.* the end/)).filter((each) => /the end/.test(each));
  t.regex(line, /^[^x]*…x+.* the end *│/, 'nothing in a paste is a click');
  terminal.send(`\u001b[200~${'q'.repeat(200_000)}\u001b[201~`);
  await terminal.until(/pasted is too long: 200000 characters/);
  await terminal.until(/the end/);
  terminal.send('\u001b');
  await terminal.untilGone(/name of the new directory/);
  terminal.send(`\u001b[200~q${'\r'}q\u001b[201~:`);
  await terminal.until(/Do .*actions/);
});
