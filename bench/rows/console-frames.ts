/** What the console costs the eye and the machine: blank screens, work when nothing happens, work under load. */
import { join } from 'node:path';
import { withScope } from '../../test/helpers/scope.ts';
import { limit, ours, type Contestant, type Row } from '../measure/row.ts';
import { freshEachRound } from '../measure/session.ts';
import {
  large,
  passed,
  small,
  startBusyAgent,
  withConsole,
  type RunningConsole,
} from '../peers/console.ts';
import { openDevice, peervaultAbsence, type Device } from '../peers/peervault.ts';

const idleMs = 20_000;
const loadMs = 20_000;
/** Between two views that somebody looks at in turn. */
const lookMs = 130;
const viewsInTurn = '1234567'.repeat(6);

const consoleFlicker: Row = {
  name: 'console-flicker',
  title:
    'most rows that are blank in any screen between two others, while views are switched and files come',
  unit: '%',
  rounds: 1,
  goals: [limit(20)],
  contestants: () => [
    onRealAgent(ours, (device) => blankShare(device, large)),
    onRealAgent('80x24', (device) => blankShare(device, small)),
  ],
};

const consoleIdle: Row = {
  name: 'console-idle',
  title: `work of the console when nothing happens, in ${String(idleMs / 1000)} seconds`,
  unit: 'ms',
  rounds: 1,
  // Not one tick of the kernel's clock.
  goals: [limit(0)],
  contestants: () => [
    onRealAgent(ours, ({ home }) =>
      withConsole({ socketPath: join(home, 'agent.sock'), size: large }, async (shown) => {
        // Agents and compilers have things to do when they have just been started.
        await passed(45_000);
        await shown.untilIdle();
        return (await shown.cpuSecondsIn(idleMs)) * 1000;
      }),
    ),
  ],
};

const consoleLoad: Row = {
  name: 'console-load',
  title: 'work of the console at 200x50 with 500 events a second, all of them shown; or the newest',
  unit: '%',
  rounds: 1,
  goals: [limit(8)],
  contestants: () => [underLoad(ours, 'activity'), underLoad('overview', 'overview')],
};

export const consoleFrames: readonly Row[] = [consoleFlicker, consoleIdle, consoleLoad];

function onRealAgent(name: string, measure: (device: Device) => Promise<number>): Contestant {
  return {
    name,
    absence: peervaultAbsence,
    async prepare(directory) {
      const device = await openDevice(directory);
      return { measure: () => measure(device), close: () => device.stop() };
    },
  };
}

async function blankShare(device: Device, size: typeof large): Promise<number> {
  const socketPath = join(device.home, 'agent.sock');
  return withConsole({ socketPath, size }, async ({ terminal }) => {
    await terminal.quiet();
    let worst = 0;
    let screens = 0;
    terminal.onFrame((lines) => {
      screens += 1;
      worst = Math.max(worst, lines.filter((line) => line === '').length / lines.length);
    });
    const over = { yes: false };
    const changing = change(device, over);
    for (const key of viewsInTurn) {
      terminal.send(key);
      await passed(lookMs);
    }
    over.yes = true;
    await changing;
    if (screens < viewsInTurn.length) throw new Error(`it drew ${String(screens)} screens only`);
    return worst * 100;
  });
}

/** Directories come, as fast as the agent takes them. */
async function change(device: Device, over: { readonly yes: boolean }): Promise<void> {
  for (let number = 0; !over.yes; number++) {
    const path = Buffer.from(`folder ${String(number)}`);
    await device.ask((client) => client.makeDirectory({ path, parents: false, mode: 0o755 }));
  }
}

function underLoad(name: string, view: string): Contestant {
  return {
    name,
    absence: peervaultAbsence,
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, (own) =>
          withScope(async (scope) => {
            const { socketPath } = await startBusyAgent(scope, own);
            return withConsole({ socketPath, size: large, view }, loadOf);
          }),
        ),
      ),
  };
}

/** After the compiler has got used to it. */
async function loadOf(shown: RunningConsole): Promise<number> {
  await passed(5000);
  let frames = 0;
  shown.terminal.onFrame(() => (frames += 1));
  const seconds = await shown.cpuSecondsIn(loadMs);
  if (frames < (3.5 * loadMs) / 1000) throw new Error(`it drew ${String(frames)} times only`);
  return (100 * seconds * 1000) / loadMs;
}
