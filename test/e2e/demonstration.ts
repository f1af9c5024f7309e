/** `npm start` at a terminal: what it asks at its end, and that a signal leaves nothing behind. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../helpers/real-device.ts';
import { cleanEnvironment, runVaultd } from '../helpers/vaultd.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'demo', 'main.js');
const question = /Leave them running\? \[y\/N\]/;

interface Shown {
  readonly text: () => string;
  readonly until: (wanted: RegExp) => Promise<void>;
  readonly write: (text: string) => void;
  readonly end: (signal: NodeJS.Signals) => void;
  readonly exit: Promise<number>;
}

/** Its temporary folder is in `folder`, so that what it leaves behind shows. */
async function demonstrate(t: ExecutionContext, folder: string): Promise<Shown> {
  const source = join(folder, 'source');
  await mkdir(source);
  await writeFile(join(source, 'letter.txt'), 'hello');
  await mkdir(join(folder, 'tmp'));
  const terminal = spawn(process.execPath, [program, source], {
    cols: 80,
    rows: 24,
    env: { ...cleanEnvironment(), TMPDIR: join(folder, 'tmp') },
  });
  let text = '';
  const waiting: (() => void)[] = [];
  terminal.onData((data) => {
    text += data;
    for (const look of waiting) look();
  });
  const exited = Promise.withResolvers<number>();
  let isOver = false;
  terminal.onExit(({ exitCode }) => {
    isOver = true;
    exited.resolve(exitCode);
    for (const look of waiting) look();
  });
  t.teardown(() => {
    if (!isOver) terminal.kill('SIGTERM');
  });
  return {
    text: () => text,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (wanted.test(text)) resolve();
          else if (isOver) reject(new Error(`it ended before: ${text}`));
        };
        waiting.push(look);
        look();
      }),
    write: (input) => {
      terminal.write(input);
    },
    end: (signal) => {
      terminal.kill(signal);
    },
    exit: exited.promise,
  };
}

test('the devices go on running when somebody wants them to, and the prompt comes back', async (t) => {
  const folder = await temporaryFolder(t);
  const shown = await demonstrate(t, folder);
  await shown.until(question);
  shown.write('y\r');
  t.is(await shown.exit, 0, shown.text());
  const homes = [...shown.text().matchAll(/VAULT_HOME=(\/\S+) /g)].map(([, home]) => home!);
  t.is(homes.length, 3, shown.text());
  t.true(shown.text().includes(dirname(dirname(homes[0]!))));
  for (const home of homes) {
    const stopping = await runVaultd(t, ['stop', '--home', home]);
    t.is(stopping.status, 0, stopping.stderr);
  }
});

test('nothing stays after Ctrl-C at the question', async (t) => {
  const folder = await temporaryFolder(t);
  const shown = await demonstrate(t, folder);
  await shown.until(question);
  shown.write('\x03');
  t.is(await shown.exit, 0, shown.text());
  t.notRegex(shown.text(), /failed/);
  t.deepEqual(await readdir(join(folder, 'tmp')), []);
});

test('nothing stays after a signal in the middle', async (t) => {
  const folder = await temporaryFolder(t);
  const shown = await demonstrate(t, folder);
  await shown.until(/joined with/);
  shown.end('SIGHUP');
  t.is(await shown.exit, 130, shown.text());
  t.deepEqual(await readdir(join(folder, 'tmp')), []);
});
