import test from 'ava';
import { parseCommand } from '../../bench/command-line.ts';

test('without words every row runs at full scale', (t) => {
  const command = parseCommand([]);
  t.deepEqual(command.rows, []);
  t.is(command.scale, 1);
  t.is(command.rounds, undefined);
  t.deepEqual(command.without, []);
});

test('rows and options may be mixed', (t) => {
  const command = parseCommand(
    'ls --scale 0.25 put-large --rounds 2 --without borg --without restic --json out'.split(' '),
  );
  t.deepEqual(command.rows, ['ls', 'put-large']);
  t.is(command.scale, 0.25);
  t.is(command.rounds, 2);
  t.deepEqual(command.without, ['borg', 'restic']);
  t.is(command.json, 'out');
});

test('what is no number, or too small, is refused by its name', (t) => {
  for (const text of ['0', '-1', 'x', 'Infinity', 'NaN']) {
    t.throws(() => parseCommand([`--scale=${text}`]), { message: /--scale takes a number/ });
  }
  t.throws(() => parseCommand(['--rounds', '0']), { message: /--rounds takes a number/ });
  t.throws(() => parseCommand(['--what']));
});
