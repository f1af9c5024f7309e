import test from 'ava';
import { usageLine } from '../../../cli/commands/du.ts';

const usage = {
  path: Buffer.from('sub'),
  files: 12,
  directories: 1,
  bytes: 1_258_291,
  storedBytes: 921_600,
  filesUnknown: 0,
};

test('a line has fixed columns, since lines come as they are counted', (t) => {
  const docs = Buffer.from('docs');
  t.is(usageLine(docs, usage, false), ' 1.2 MiB    900 KiB stored       12 files  docs/sub');
  t.is(
    usageLine(docs, { ...usage, path: Buffer.alloc(0), filesUnknown: 1, files: 1 }, false),
    ' 1.2 MiB   >900 KiB stored         1 file  docs',
  );
  t.is(
    usageLine(Buffer.alloc(0), { ...usage, path: Buffer.alloc(0) }, true),
    '        1258291            921600 stored       12 files  /',
  );
});
