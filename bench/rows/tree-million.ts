/**
 * A vault with a very large tree: how long its agent takes to start, what it keeps in memory, how long
 * a large directory takes to list and a directory with much below it to rename. One home for all rows.
 */
import { cpuSecondsOf, peakBytesOf } from '../measure/memory.ts';
import { limit, ours, type Contestant, type Row, type RowContext } from '../measure/row.ts';
import { secondsOf, waitUntil } from '../measure/session.ts';
import { Device, peervaultAbsence } from '../peers/peervault.ts';

/** An agent that works less than this in a second has done what it does beside its first answers. */
const idleWorkSeconds = 0.05;
const bigFiles = 10_000;

type Measure = (device: Device, round: number) => Promise<number>;

/** A device whose tree was kept by an earlier run of its agent; it runs, or not, in every round. */
function onTree(
  { corpus }: RowContext,
  options: { readonly name: string; readonly runs: boolean; readonly measure: Measure },
): Contestant {
  const { name, runs, measure } = options;
  return {
    name,
    absence: peervaultAbsence,
    async prepare() {
      const device = new Device(await corpus.tree(), 'a');
      await device.start();
      await untilIdle(device);
      if (!runs) await device.stop();
      return { measure: (round) => measure(device, round), close: () => device.stop() };
    },
  };
}

const treeReady: Row = {
  name: 'tree-ready',
  title: 'vaultd start until its ready line, with 1,000,000 files in the vault',
  unit: 'ms',
  rounds: 3,
  goals: [limit(5000)],
  contestants: (context) => [
    onTree(context, {
      name: ours,
      runs: false,
      async measure(device) {
        const seconds = await secondsOf(() => device.start());
        await device.stop();
        return seconds * 1000;
      },
    }),
    onTree(context, {
      name: 'work of the agent',
      runs: false,
      async measure(device) {
        await device.start();
        const seconds = await cpuSecondsOf((await device.status()).pid);
        await device.stop();
        return seconds * 1000;
      },
    }),
  ],
};

const treeMemory: Row = {
  name: 'tree-memory',
  title:
    'most memory of an agent with 1,000,000 files from its start on, listing a large directory',
  unit: 'MB',
  rounds: 2,
  goals: [limit(700)],
  contestants: (context) => [
    onTree(context, {
      name: ours,
      runs: false,
      async measure(device) {
        await device.start();
        await untilIdle(device);
        await listBig(device);
        const { pid } = await device.status();
        const peak = await peakBytesOf(pid);
        await device.stop();
        return peak / 1e6;
      },
    }),
  ],
};

const treeLs: Row = {
  name: 'tree-ls',
  title: 'vault ls of a directory of 10,000 files among 1,000,000, from the shell',
  unit: 'ms',
  rounds: 11,
  goals: [limit(150)],
  contestants: (context) => [
    onTree(context, {
      name: ours,
      runs: true,
      async measure(device) {
        return (await secondsOf(() => listBig(device))) * 1000;
      },
    }),
  ],
};

const treeRename: Row = {
  name: 'tree-rename',
  title: 'a directory with 100,000 files below it is renamed, over an open connection',
  unit: 'ms',
  rounds: 21,
  goals: [limit(10)],
  contestants: (context) => [
    onTree(context, {
      name: ours,
      runs: true,
      async measure(device, round) {
        const names = ['wide', 'wide again'].map((name) => Buffer.from(name));
        const [source, destination] = round % 2 === 0 ? names : names.reverse();
        if (source === undefined || destination === undefined) throw new RangeError('two names');
        // The first question opens the connection.
        await device.ask((client) => client.diskFree());
        const request = { source, destination, noReplace: true };
        return (await secondsOf(() => device.ask((client) => client.move(request)))) * 1000;
      },
    }),
  ],
};

export const treeMillion: readonly Row[] = [treeReady, treeMemory, treeLs, treeRename];

async function listBig(device: Device): Promise<void> {
  const said = await device.vault('ls', 'big');
  const shown = said.trim().split(/\s+/).length;
  if (shown < bigFiles) throw new Error(`it listed ${String(shown)} files`);
}

async function untilIdle(device: Device): Promise<void> {
  const { pid } = await device.status();
  let before = await cpuSecondsOf(pid);
  const isIdle = async (): Promise<boolean> => {
    const now = await cpuSecondsOf(pid);
    const worked = now - before;
    before = now;
    return worked < idleWorkSeconds;
  };
  await new Promise((done) => setTimeout(done, 1000));
  await waitUntil('the agent is idle', isIdle, { everyMs: 1000 });
}
