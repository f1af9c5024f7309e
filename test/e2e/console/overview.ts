/** The console in a real terminal: what a person sees of the overview. */
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  healthyStatus,
  roomyDisk,
  someEvents,
  troubledStatus,
  twoPeers,
} from '../../fixtures/console-reports.ts';
import { sameAsKept } from '../../helpers/golden.ts';
import { startScriptedAgent } from '../../helpers/scripted-agent.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

async function agentOf(t: ExecutionContext, status = healthyStatus) {
  const agent = await startScriptedAgent(t, join(await temporaryDirectory(t), 'agent.sock'));
  agent.report('status', status);
  agent.report('peers', twoPeers);
  agent.report('diskFree', roomyDisk);
  agent.happen(...someEvents);
  return agent;
}

for (const [columns, rows] of [
  [80, 24],
  [200, 50],
] as const) {
  const size = `${String(columns)}x${String(rows)}`;

  test(`the overview at ${size}`, async (t) => {
    const { socketPath } = await agentOf(t);
    const terminal = startTerminal(t, [tuiProgram, '--attach', socketPath], { columns, rows });
    await terminal.until(/nas is online/);
    await terminal.until(/63 % used/);
    sameAsKept(t, `overview-${size}`, await terminal.quiet());
    t.true(terminal.isAlternate());
  });
}

test('without colours and in ASCII nothing is lost, and hostile text is harmless', async (t) => {
  const { socketPath } = await agentOf(t, troubledStatus);
  const terminal = startTerminal(t, [tuiProgram, '--attach', socketPath, '--glyphs', 'ascii'], {
    environment: { NO_COLOR: '1' },
  });
  await terminal.until(/nas is online/);
  await terminal.until(/63 % used/);
  sameAsKept(t, 'overview-ascii', await terminal.quiet());
  const colour = new RegExp(String.raw`\u001b\[[\d;]*(3[0-7]|9[0-7]|38|48)[;m]`);
  t.notRegex(terminal.written(), colour);
  t.false(terminal.written().includes('\u001b]0;'), 'no title is set');
  t.false(terminal.written().includes('\u202e'), 'no direction is changed');
  // The selection is told without colours.
  t.true(terminal.isInverse(1, 1));
});

test('the agent goes and comes back', async (t) => {
  const agent = await agentOf(t);
  const terminal = startTerminal(t, [tuiProgram, '--attach', agent.socketPath]);
  await terminal.until(/nas is online/);
  await agent.leave();
  await terminal.until(/no agent: all of this is \d+ s old/);
  // What was known is still shown.
  t.true(terminal.screen().some((line) => line.includes('4.7 GiB')));
  agent.report('status', { ...healthyStatus, name: 'renamed' });
  await agent.comeBack();
  await terminal.until(/renamed \(admin\) · ● ok/);
});
