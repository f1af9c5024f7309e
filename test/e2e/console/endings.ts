/** However the console ends, the terminal is as it was. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { startScriptedAgent } from '../../helpers/scripted-agent.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

/** The console below a shell that tells afterwards how it ended and how the terminal is. */
async function underShell(t: ExecutionContext, words = '') {
  const socket = join(await temporaryDirectory(t), 'no.sock');
  const script = `'${tuiProgram}' --attach '${socket}' ${words}; echo "status $?"; stty -a; echo over`;
  const terminal = startTerminal(t, ['/bin/sh', '-c', script]);
  await terminal.until(/Overview/);
  return terminal;
}

/** Process of the console itself, below its launcher. */
function consoleOf(shell: number): number {
  const below = (pid: number): number[] =>
    execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(Number);
  const [launcher = 0] = below(shell);
  return below(launcher)[0] ?? launcher;
}

const ways: readonly (readonly [string, string | NodeJS.Signals, RegExp])[] = [
  ['q', 'q', /status 0/],
  ['Ctrl-C', '\u0003', /status 0/],
  ['SIGTERM', 'SIGTERM', /status 143/],
  ['SIGKILL', 'SIGKILL', /status 137/],
  ['SIGABRT', 'SIGABRT', /status 134/],
];

for (const [name, way, status] of ways) {
  test(`the terminal is given back after ${name}`, async (t) => {
    const terminal = await underShell(t);
    t.true(terminal.isAlternate());
    if (way.startsWith('SIG')) process.kill(consoleOf(terminal.pid), way as NodeJS.Signals);
    else terminal.send(way);
    const screen = await terminal.until(/^over$/);
    t.true(
      screen.some((line) => status.test(line)),
      screen.join('\n'),
    );
    t.false(terminal.isAlternate());
    const settings = screen.join(' ');
    for (const setting of ['icanon', 'echo', 'isig', 'icrnl']) {
      t.regex(settings, new RegExp(`(?<!-)\\b${setting}\\b`), setting);
    }
    t.true(
      terminal.written().lastIndexOf('\u001b[?25h') > terminal.written().lastIndexOf('\u001b[?25l'),
    );
    t.true(
      terminal.written().lastIndexOf('\u001b[?1000l') >
        terminal.written().lastIndexOf('\u001b[?1000h'),
    );
  });
}

test('without a terminal it says what to use', (t) => {
  const result = t.throws(() => execFileSync(tuiProgram, [], { stdio: 'pipe' })) as Error & {
    status: number;
    stderr: Buffer;
  };
  t.is(result.status, 2);
  t.regex(result.stderr.toString(), /it needs a terminal[^]*try: use vault/);
});

test('at every size there is a whole screen, or the reason why not', async (t) => {
  const terminal = await underShell(t);
  for (const [columns, rows] of [
    [40, 10],
    [39, 9],
    [120, 40],
    [72, 18],
    [20, 5],
    [80, 24],
  ] as const) {
    terminal.resize(columns, rows);
    if (columns < 40 || rows < 10) {
      await terminal.until(/^Too small$/);
      await terminal.until(new RegExp(`^${String(columns)}x${String(rows)}, needs`));
    } else {
      await terminal.until(/^╭─.*╮$/);
      const screen = await terminal.quiet();
      const bottom = screen.filter((line) => line.startsWith('╰'));
      t.true(bottom.length > 0, screen.join('\n'));
      const body = screen.filter((line) => /^[│╭╰]/.test(line));
      t.true(body.length >= rows - 4 && body.every(({ length }) => length === columns));
      t.is(screen.filter((line) => line.includes('Overview')).length, 1, screen.join('\n'));
    }
  }
});

test('what cannot be drawn is told on the screen of before, with a status that is not 0', async (t) => {
  const socketPath = join(await temporaryDirectory(t), 'agent.sock');
  const agent = await startScriptedAgent(t, socketPath);
  // What no agent of this version says.
  agent.report('status', { health: 'ok' });
  const script = `'${tuiProgram}' --attach '${socketPath}'; echo "status $?"`;
  const terminal = startTerminal(t, ['/bin/sh', '-c', script], { columns: 200, rows: 50 });
  await terminal.until(/^status 1$/);
  t.false(terminal.isAlternate());
  t.true(
    terminal.screen().some((line) => /^vault-tui: .*reasons|^vault-tui: .*undefined/.test(line)),
  );
});
