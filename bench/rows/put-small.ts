import { must, wish, type Row } from '../measure/row.ts';
import { borg, borgCreate } from '../peers/borg.ts';
import { hyperdrive, hyperdrivePut } from '../peers/hyperdrive.ts';
import { smallLoad } from '../peers/load.ts';
import { peervaultPut } from '../peers/peervault-rows.ts';
import { resticBackup } from '../peers/restic.ts';

export const putSmall: Row = {
  name: 'put-small',
  title: 'a folder of small files (100 B to 16 KiB) is stored and would survive a power cut',
  unit: 'files/s',
  rounds: 3,
  goals: [must(3, hyperdrive), wish(1, borg)],
  contestants: (context) => [
    peervaultPut(smallLoad(context)),
    hyperdrivePut(smallLoad(context)),
    resticBackup(smallLoad(context)),
    borgCreate(smallLoad(context)),
  ],
};
