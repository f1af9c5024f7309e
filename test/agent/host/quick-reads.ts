import test from 'ava';
import { QuickReads } from '../../../agent/host/quick-reads.ts';

function build(): { read: (takesMs: number) => string | undefined } {
  let nowMs = 0;
  const quick = new QuickReads(() => nowMs);
  return {
    read: (takesMs) =>
      quick.try(() => {
        nowMs += takesMs;
        return 'bytes';
      }),
  };
}

test('a read that took long once says nothing about the disk', (t) => {
  const { read } = build();
  for (let turn = 0; turn < 50; turn += 1) {
    t.is(read(30), 'bytes');
    t.is(read(0.1), 'bytes');
  }
});

test('a disk that lets the loop wait again and again is asked through threads for a while', (t) => {
  const { read } = build();
  t.is(read(3), 'bytes');
  t.is(read(3), 'bytes');
  for (let turn = 0; turn < 16; turn += 1) t.is(read(0.1), undefined);
  t.is(read(0.1), 'bytes');
});
