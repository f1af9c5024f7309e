import { borg, borgCreate } from '../peers/borg.ts';
import { hyperdrive, hyperdrivePut } from '../peers/hyperdrive.ts';
import { largeLoad } from '../peers/load.ts';
import { peervaultPut } from '../peers/peervault-rows.ts';
import { rawDisk, rawDiskWriter } from '../peers/raw-disk.ts';
import { restic, resticBackup } from '../peers/restic.ts';
import { must, wish, type Row } from '../measure/row.ts';

export const putLarge: Row = {
  name: 'put-large',
  title: 'one large random file is stored, encrypted, and would survive a power cut',
  unit: 'MB/s',
  rounds: 3,
  goals: [
    must(2, hyperdrive),
    must(2, restic),
    {
      level: 'goal',
      anyOf: [
        { kind: 'times', of: hyperdrive, factor: 4 },
        { kind: 'times', of: rawDisk, factor: 0.6 },
      ],
    },
    wish(1, borg),
  ],
  contestants: (context) => [
    peervaultPut(largeLoad(context)),
    rawDiskWriter(() => context.corpus.large()),
    hyperdrivePut(largeLoad(context)),
    resticBackup(largeLoad(context)),
    borgCreate(largeLoad(context)),
  ],
};
