import { must, type Row } from '../measure/row.ts';
import { smallLoad } from '../peers/load.ts';
import { peervaultSync } from '../peers/peervault-rows.ts';
import { syncthing, syncthingCopy } from '../peers/syncthing.ts';

export const syncSmall: Row = {
  name: 'sync-small',
  title: 'a folder of small files, from put or scan to complete on the other device',
  unit: 'files/s',
  rounds: 3,
  goals: [must(4, syncthing)],
  contestants: (context) => [
    peervaultSync(smallLoad(context)),
    syncthingCopy(smallLoad(context), 'scan'),
  ],
};
