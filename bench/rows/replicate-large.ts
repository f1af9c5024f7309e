import { must, wish, type Row } from '../measure/row.ts';
import { hyperdrive, hyperdriveReplicate } from '../peers/hyperdrive.ts';
import { largeLoad } from '../peers/load.ts';
import { peervaultReplicate } from '../peers/peervault-rows.ts';
import { syncthing, syncthingCopy } from '../peers/syncthing.ts';

export const replicateLarge: Row = {
  name: 'replicate-large',
  title: 'one large file that is stored already is copied over loopback, from the connection on',
  unit: 'MB/s',
  rounds: 3,
  goals: [must(2, syncthing), must(2, hyperdrive), wish(3, syncthing), wish(3, hyperdrive)],
  contestants: (context) => [
    peervaultReplicate(largeLoad(context)),
    syncthingCopy(largeLoad(context), 'connection'),
    hyperdriveReplicate(largeLoad(context)),
  ],
};
