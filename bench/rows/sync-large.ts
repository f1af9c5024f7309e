import { must, wish, type Row } from '../measure/row.ts';
import { largeLoad } from '../peers/load.ts';
import { peervaultSync } from '../peers/peervault-rows.ts';
import { syncthing, syncthingCopy } from '../peers/syncthing.ts';

export const syncLarge: Row = {
  name: 'sync-large',
  title: 'one large file, from put or scan to complete on the other device',
  unit: 'MB/s',
  rounds: 3,
  goals: [must(2, syncthing), wish(3, syncthing)],
  contestants: (context) => [
    peervaultSync(largeLoad(context)),
    syncthingCopy(largeLoad(context), 'scan'),
  ],
};
