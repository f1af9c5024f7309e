/** From a key to the screen that it makes, in a directory of 100,000 files. */
import { join } from 'node:path';
import { median } from '../measure/judge.ts';
import { limit, ours, type Row } from '../measure/row.ts';
import { quantile } from '../measure/series.ts';
import { large, passed, withConsole, type RunningConsole } from '../peers/console.ts';
import { Device, peervaultAbsence } from '../peers/peervault.ts';

const limitMs = 50;

const consoleKey = keyRow('console-key', 'the median', median);
const consoleKeyLate = keyRow('console-key-late', '99 of 100', (values) => quantile(values, 0.99));

export const consoleKeys: readonly Row[] = [consoleKey, consoleKeyLate];

function keyRow(name: string, which: string, tell: (values: readonly number[]) => number): Row {
  return {
    name,
    title: `from a key to its screen, with 100,000 files in the directory: ${which}`,
    unit: 'ms',
    rounds: 1,
    goals: [limit(limitMs)],
    contestants: ({ corpus, sizes }) => [
      {
        name: ours,
        absence: peervaultAbsence,
        async prepare() {
          const device = new Device(await corpus.wide(), 'a');
          await device.start();
          const socketPath = join(device.home, 'agent.sock');
          return {
            measure: () =>
              withConsole({ socketPath, size: large, view: 'files' }, async (shown) =>
                tell(await keyTimes(shown, sizes.wideFiles)),
              ),
            close: () => device.stop(),
          };
        },
      },
    ],
  };
}

interface Step {
  readonly key: string;
  /** What the screen shows then, and did not before. */
  readonly shows: RegExp;
}

async function keyTimes({ terminal }: RunningConsole, files: number): Promise<readonly number[]> {
  await terminal.until(/▸ big/);
  terminal.send('\r');
  await terminal.until(new RegExp(`1 of ${String(files)} `));
  await terminal.quiet(1000);
  const times: number[] = [];
  for (const { key, shows } of stepsOf(files)) {
    const startMs = performance.now();
    terminal.send(key);
    await terminal.until(shows);
    times.push(performance.now() - startMs);
    // People are not in step with the frames.
    await passed(40 + ((times.length * 37) % 100));
  }
  return times;
}

/** Line by line, page by page, to the ends, and letters of a filter. */
function stepsOf(files: number): readonly Step[] {
  const selected = (number: number) =>
    new RegExp(`▸ file-${String(number).padStart(5, '0')}\\.txt`);
  const steps: Step[] = [];
  for (let number = 1; number <= 120; number++) steps.push({ key: 'j', shows: selected(number) });
  for (let number = 119; number > 80; number--) steps.push({ key: 'k', shows: selected(number) });
  for (let round = 0; round < 10; round++) {
    steps.push({ key: 'G', shows: selected(files - 1) }, { key: '\u001b[H', shows: selected(0) });
  }
  const typed = `${String(files - 1)}.t`;
  for (let round = 0; round < 4; round++) {
    steps.push({ key: '/', shows: /^ \/ ?$/ });
    for (let length = 1; length <= typed.length; length++) {
      steps.push({
        key: typed.charAt(length - 1),
        shows: new RegExp(`^ /${typed.slice(0, length).replace('.', '\\.')}$`),
      });
    }
    steps.push({ key: '\u001b', shows: new RegExp(`of ${String(files)} `) });
  }
  return steps;
}
