/** The console without a screen of its own: plain text, and the agent of another machine. */
import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { healthyStatus, roomyDisk, twoPeers } from '../../fixtures/console-reports.ts';
import { makeVault, startReady } from '../../helpers/running-vault.ts';
import { startScriptedAgent } from '../../helpers/scripted-agent.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { cleanEnvironment, runVault } from '../../helpers/vaultd.ts';

interface Running {
  /** Resolves with all that was written when it fits. */
  hears(pattern: RegExp): Promise<string>;
  readonly ended: Promise<{ status: number | null; stdout: string; stderr: string }>;
  kill(): void;
}

function start(t: ExecutionContext, words: readonly string[], environment = {}): Running {
  const child = spawn(words[0] ?? '', words.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), ...environment },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (piece: Buffer) => (said[name] += piece.toString()));
  }
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>(
    (resolve) => {
      child.on('close', (status) => resolve({ status, ...said }));
    },
  );
  return {
    ended,
    hears: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(said.stdout)) resolve(said.stdout);
        };
        child.stdout.on('data', look);
        look();
        void ended.then(({ stderr }) => reject(new Error(`it ended: ${stderr}`)));
      }),
    kill: () => void child.kill('SIGINT'),
  };
}

async function agentOf(t: ExecutionContext) {
  const agent = await startScriptedAgent(t, join(await temporaryDirectory(t), 'agent.sock'));
  agent.report('status', healthyStatus);
  agent.report('peers', twoPeers);
  agent.report('diskFree', roomyDisk);
  return agent;
}

test('a view is written once, without a terminal, when all of it is known', async (t) => {
  const { socketPath } = await agentOf(t);
  const { status, stdout, stderr } = await start(t, [tuiProgram, '--plain', '--attach', socketPath])
    .ended;
  t.is(status, 0, stderr);
  t.regex(stdout, /^vault-tui, laptop \(admin\), ok, 1 of 2 devices online\nOverview\n\nHealth\n/);
  t.regex(stdout, /63 % used/);
  t.notRegex(stdout, /\u001b/);
});

test('without an agent it says so and fails', async (t) => {
  const socket = join(await temporaryDirectory(t), 'no.sock');
  const { status, stdout, stderr } = await start(t, [tuiProgram, '--plain', '--attach', socket])
    .ended;
  t.is(status, 6);
  t.is(stdout, '');
  t.regex(stderr, /no\.sock: no agent answers/);
});

test('it is written again when something has changed, also when the agent has gone', async (t) => {
  const agent = await agentOf(t);
  agent.changed();
  const words = [tuiProgram, '--plain', '--watch', '--attach', agent.socketPath];
  const running = start(t, words);
  await running.hears(/1 of 2 devices online/);
  agent.report('status', { ...healthyStatus, peersOnline: 2 });
  agent.changed('status');
  await running.hears(/2 of 2 devices online/);
  await agent.leave();
  await running.hears(/!! no agent: all of this is \d+ s old/);
  await agent.comeBack();
  const said = await running.hears(/no agent[^]*2 of 2 devices online/);
  t.is(said.split('\n\nvault-tui, ').length, 4, said);
  running.kill();
  await running.ended;
});

test('--watch alone is a mistake', async (t) => {
  const { status, stderr } = await start(t, [tuiProgram, '--watch']).ended;
  t.is(status, 2);
  t.regex(stderr, /it goes with --plain/);
});

test('through ssh: the command line, the text and the screen, of a real agent', async (t) => {
  const home = await makeVault(t);
  await startReady(t, home);
  const bin = dirname(tuiProgram);
  const ssh = join(await temporaryDirectory(t), 'ssh');
  // Runs here what the other machine would run.
  const script = `#!/bin/sh\n[ "$1" = nas ] || { echo "ssh: no such host" >&2; exit 255; }\n`;
  await writeFile(ssh, `${script}PATH='${bin}':$PATH exec sh -c "$2"\n`);
  await chmod(ssh, 0o755);
  const environment = { VAULT_RSH: ssh };
  const there = ['--ssh', 'nas', '--home', home];

  const made = await start(t, [join(bin, 'vault'), ...there, 'mkdir', '/seen'], environment).ended;
  t.is(made.status, 0, made.stderr);
  t.regex((await runVault(t, ['ls', '--home', home])).stdout, /seen/);
  const lost = await start(t, [join(bin, 'vault'), '--ssh', 'nowhere', 'ls'], environment).ended;
  t.is(lost.status, 9);
  t.regex(lost.stderr, /nowhere \(ssh: no such host\)/);

  const plain = await start(t, [tuiProgram, '--plain', '--view', 'files', ...there], environment)
    .ended;
  t.regex(plain.stdout, /^ {2}seen\/ /m, plain.stderr);

  const terminal = startTerminal(t, [tuiProgram, '--view', 'files', ...there], { environment });
  await terminal.until(/seen\//);
  // What runs the command line goes the same way.
  terminal.send('n');
  await terminal.until(/New directory|new directory/i);
  terminal.send('made\r');
  await terminal.until(/made\//);
  terminal.send('q');
  t.is((await terminal.exited).exitCode, 0);
});

test('relay is for programs', async (t) => {
  const terminal = startTerminal(t, [join(dirname(tuiProgram), 'vault'), 'relay']);
  await terminal.until(/it speaks with programs, not with people/);
  t.is((await terminal.exited).exitCode, 2);
});
