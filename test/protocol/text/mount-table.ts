import test from 'ava';
import { parseMountTable } from '../../../protocol/text/mount-table.ts';

test('lines of mountinfo are understood, with spaces in names', (t) => {
  const text = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    String.raw`90 22 0:50 / /mnt/my\040vault rw,nosuid - fuse.peervault peervault rw,user_id=0`,
    'not a line',
    '',
  ].join('\n');
  t.deepEqual(parseMountTable(text), [
    {
      directory: '/',
      type: 'ext4',
      source: '/dev/sda1',
      device: '8:1',
      options: ['rw', 'relatime', 'rw'],
    },
    {
      directory: '/mnt/my vault',
      type: 'fuse.peervault',
      source: 'peervault',
      device: '0:50',
      options: ['rw', 'nosuid', 'rw', 'user_id=0'],
    },
  ]);
});
