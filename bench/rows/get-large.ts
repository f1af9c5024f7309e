import { must, type Row } from '../measure/row.ts';
import { hyperdrive, hyperdriveGet } from '../peers/hyperdrive.ts';
import { largeLoad } from '../peers/load.ts';
import { peervaultGet } from '../peers/peervault-rows.ts';

export const getLarge: Row = {
  name: 'get-large',
  title: 'one large file is read out of the page cache into a file',
  unit: 'MB/s',
  rounds: 3,
  goals: [must(1, hyperdrive)],
  contestants: (context) => [peervaultGet(largeLoad(context)), hyperdriveGet(largeLoad(context))],
};
