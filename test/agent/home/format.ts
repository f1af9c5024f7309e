import test from 'ava';
import { checkFormat, formatText, homeFormatVersion } from '../../../agent/home/format.ts';
import { isVaultError } from '../../../protocol/errors.ts';

test('the format that is written is accepted', (t) => {
  t.notThrows(() => {
    checkFormat(formatText(), '/h');
  });
});

test('a newer format is refused as newer', (t) => {
  const error = t.throws(() => {
    checkFormat(`peervault home ${String(homeFormatVersion + 1)}\nand more\n`, '/h');
  });
  t.true(isVaultError(error, 'home-newer'));
});

test('anything else is not a home', (t) => {
  for (const text of [
    '',
    'peervault home 1',
    'peervault home 0\n',
    'peervault home -1\n',
    'x\n1\n',
  ]) {
    const error = t.throws(
      () => {
        checkFormat(text, '/h');
      },
      undefined,
      text,
    );
    t.true(isVaultError(error, 'home-invalid'), text);
  }
});
