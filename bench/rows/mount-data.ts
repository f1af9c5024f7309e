/** Bytes through a mount: large files in order, and 4 KiB here and there. fio does the reading and writing. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dropCaches, isInstalled, runProgram, settleDisk } from '../measure/programs.ts';
import {
  must,
  wish,
  type Contestant,
  type Goal,
  type Row,
  type RowContext,
} from '../measure/row.ts';
import { gocryptfs, onFolders, type Folder } from '../peers/folders.ts';

const randomSeconds = 3;
const rounds = 5;

interface Job {
  readonly name: string;
  readonly title: string;
  readonly unit: Row['unit'];
  readonly goals: readonly Goal[];
  readonly words: readonly string[];
  readonly reads: boolean;
}

const jobs: readonly Job[] = [
  ...(['128k', '1m'] as const).flatMap((block): readonly Job[] => [
    {
      name: `mount-write-${block}`,
      title: `one large file is written in a mount, ${block} a call, with one fsync at the end`,
      unit: 'MB/s',
      goals: [must(1, gocryptfs)],
      words: ['--rw=write', `--bs=${block}`, '--end_fsync=1', '--refill_buffers'],
      reads: false,
    },
    {
      name: `mount-read-${block}`,
      title: `one large file is read in a mount, ${block} a call, nothing of it in memory`,
      unit: 'MB/s',
      goals: [must(1, gocryptfs)],
      words: ['--rw=read', `--bs=${block}`],
      reads: true,
    },
  ]),
  ...[1, 4].map((depth): Job => ({
    name: `mount-random-q${String(depth)}`,
    title: `4 KiB are read at random places of a mount, past the kernel's cache, ${String(depth)} at a time`,
    unit: 'ops/s',
    goals: [wish(1, gocryptfs)],
    words: [
      ...['--rw=randread', '--bs=4k', '--direct=1', '--thread', '--group_reporting'],
      ...[`--numjobs=${String(depth)}`, '--time_based', `--runtime=${String(randomSeconds)}`],
    ],
    reads: true,
  })),
];

export const mountData: readonly Row[] = jobs.map(({ name, title, unit, goals, words, reads }) => ({
  name,
  title,
  unit,
  rounds,
  goals,
  contestants: (context: RowContext) => {
    const size = `--size=${String(context.sizes.mountBytes)}`;
    const path = ({ path: folder }: Folder): string => join(folder, 'large');
    return withFio(
      onFolders({
        async prepare(folder) {
          if (reads) await fio(path(folder), ['--rw=write', '--bs=1m', '--refill_buffers', size]);
        },
        async measure(folder) {
          await (reads ? dropCaches() : settleDisk());
          const { bytesPerSecond, opsPerSecond } = await fio(path(folder), [...words, size]);
          if (!reads) await rm(path(folder));
          return unit === 'MB/s' ? bytesPerSecond / 1e6 : opsPerSecond;
        },
      }),
    );
  },
}));

function withFio(contestants: readonly Contestant[]): readonly Contestant[] {
  return contestants.map((contestant) => ({
    ...contestant,
    async absence() {
      if (!(await isInstalled('fio'))) return 'fio is not installed: apt-get install fio';
      return contestant.absence();
    },
  }));
}

interface FioReport {
  readonly jobs: readonly Record<'read' | 'write', { bw_bytes: number; iops: number }>[];
}

async function fio(
  path: string,
  words: readonly string[],
): Promise<{ bytesPerSecond: number; opsPerSecond: number }> {
  const own = ['--name=bench', `--filename=${path}`, '--ioengine=psync', '--output-format=json'];
  const said = await runProgram(['fio', ...own, ...words]);
  const report = JSON.parse(said.slice(said.indexOf('{'))) as FioReport;
  const [job] = report.jobs;
  if (job === undefined) throw new Error('fio reported no job');
  return {
    bytesPerSecond: job.read.bw_bytes + job.write.bw_bytes,
    opsPerSecond: job.read.iops + job.write.iops,
  };
}
