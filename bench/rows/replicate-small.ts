import { must, type Row } from '../measure/row.ts';
import { hyperdriveReplicate } from '../peers/hyperdrive.ts';
import { smallLoad } from '../peers/load.ts';
import { peervaultReplicate } from '../peers/peervault-rows.ts';
import { syncthing, syncthingCopy } from '../peers/syncthing.ts';

export const replicateSmall: Row = {
  name: 'replicate-small',
  title: 'small files that are stored already are copied over loopback, from the connection on',
  unit: 'files/s',
  rounds: 3,
  goals: [must(4, syncthing)],
  contestants: (context) => [
    peervaultReplicate(smallLoad(context)),
    syncthingCopy(smallLoad(context), 'connection'),
    hyperdriveReplicate(smallLoad(context)),
  ],
};
