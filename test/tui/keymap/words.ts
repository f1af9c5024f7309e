import test from 'ava';
import { commandLine } from '../../../tui/keymap/words.ts';

test('a command line is quoted, but for what is still to be typed', (t) => {
  t.is(commandLine(['mv', 'a b', 'c']), "vault mv 'a b' c");
  t.is(commandLine(['mv', 'a', '<new name>'], ['<new name>']), 'vault mv a <new name>');
  const words = ['mkdir', '--', 'my docs/<name>', '--at=<time> x'];
  t.is(
    commandLine(words, ['<name>', '<time>']),
    "vault mkdir -- 'my docs/'<name> '--at='<time>' x'",
  );
  t.is(commandLine(['rm', '']), "vault rm ''");
});
