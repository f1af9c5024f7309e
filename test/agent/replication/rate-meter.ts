import test from 'ava';
import { RateMeter } from '../../../agent/replication/rate-meter.ts';

test('A steady stream is measured, and silence is zero', (t) => {
  const meter = new RateMeter();
  t.is(meter.bytesPerSecond(0), 0);
  for (let ms = 0; ms <= 5_000; ms += 10) meter.add(10_000, ms);
  const rate = meter.bytesPerSecond(5_000);
  t.true(rate > 900_000 && rate < 1_150_000, String(rate));
  t.is(meter.bytesPerSecond(20_000), 0);
});

test('What came is counted until the rate is known, and again after a silence', (t) => {
  const meter = new RateMeter();
  meter.add(10, 0);
  meter.add(20, 50);
  t.is(meter.unmeasuredBytes, 30);
  t.is(meter.bytesPerSecond(50), 0);
  meter.add(10, 500);
  t.is(meter.unmeasuredBytes, 0);
  t.true(meter.bytesPerSecond(500) > 0);
  t.is(meter.bytesPerSecond(60_000), 0);
  t.is(meter.unmeasuredBytes, 0);
});

test('It follows a change within seconds', (t) => {
  const meter = new RateMeter();
  for (let ms = 0; ms <= 5_000; ms += 10) meter.add(10_000, ms);
  for (let ms = 5_000; ms <= 15_000; ms += 10) meter.add(1_000, ms);
  const rate = meter.bytesPerSecond(15_000);
  t.true(rate > 80_000 && rate < 150_000, String(rate));
});

test('The wait for the first byte is a quantile of the last samples', (t) => {
  const meter = new RateMeter();
  t.is(meter.firstByteMs(0.5), undefined);
  for (let sample = 1; sample <= 100; sample += 1) meter.sampleFirstByte(sample);
  t.is(meter.firstByteMs(0), 69);
  t.is(meter.firstByteMs(1), 100);
});
