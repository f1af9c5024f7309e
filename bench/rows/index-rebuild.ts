/** The index is thrown away and made again from the footers of the segments, in a new process. */
import { join } from 'node:path';
import { runProgram, settleDisk } from '../measure/programs.ts';
import { ours, type Row } from '../measure/row.ts';
import { peervaultAbsence } from '../peers/peervault.ts';

const program = join(import.meta.dirname, '..', 'peers', 'peervault-store.ts');

export const indexRebuild: Row = {
  name: 'index-rebuild',
  title: 'the index is made again from segment footers, 1,024 records each',
  unit: 'records/s',
  rounds: 3,
  goals: [{ level: 'must', anyOf: [{ kind: 'limit', value: 500_000 }] }],
  contestants: ({ sizes: { indexRecords } }) => [
    {
      name: ours,
      absence: peervaultAbsence,
      async prepare(directory) {
        await run('fill', directory, indexRecords);
        return {
          async measure() {
            await settleDisk();
            const seconds = await run('rebuild', directory, indexRecords);
            return indexRecords / seconds;
          },
          close: () => Promise.resolve(),
        };
      },
    },
  ],
};

async function run(job: 'fill' | 'rebuild', directory: string, records: number): Promise<number> {
  const words = [process.execPath, program, job, directory, String(records)] as const;
  return (JSON.parse(await runProgram(words)) as { seconds: number }).seconds;
}
