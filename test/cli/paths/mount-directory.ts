import test from 'ava';
import { parseQuickly } from '../../../cli/parse/quick.ts';
import { mountDirectory } from '../../../cli/paths/mount-directory.ts';

const of = (...words: string[]): string => mountDirectory(parseQuickly(words)!);

test('a directory of this machine may be relative', (t) => {
  t.is(of('mount', 'm'), `${process.cwd()}/m`);
  t.is(of('umount', '/mnt/../m'), '/m');
});

test('of another machine it has to be absolute: here is nothing there', (t) => {
  t.is(of('mount', '--ssh', 'nas', '/srv/m'), '/srv/m');
  t.throws(() => of('umount', '--ssh', 'nas', 'm'), { message: /absolute path is needed/ });
});
