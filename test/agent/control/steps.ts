import test from 'ava';
import fc from 'fast-check';
import { Steps } from '../../../agent/control/steps.ts';

const sizes = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test('a figure that hovers is news once at most, wherever the edge of a step is', (t) => {
  const hovering = fc.double({ min: 1, max: 1.04, noNaN: true });
  fc.assert(
    fc.property(sizes, sizes, hovering, (before, low, factor) => {
      const steps = new Steps();
      const high = Math.floor(low * factor);
      const figures = [before, low, high, low, high, low, high];
      const said = figures.map((figure) => steps.of('disk', figure));
      const changes = said.filter((step, at) => at > 0 && step !== said[at - 1]).length;
      t.true(changes <= 1, `${String(figures)}: ${String(said)}`);
    }),
  );
});

test('what has become twice as large is always news; what has not moved never', (t) => {
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1 }), (figures) => {
      const steps = new Steps();
      for (const figure of figures) {
        const step = steps.of('disk', figure);
        t.is(steps.of('disk', figure), step);
        t.is(steps.of('disk', undefined), step);
      }
      const last = figures.at(-1)!;
      const step = steps.of('disk', last);
      t.not(steps.of('disk', last * 2 + 1), step);
    }),
  );
});

test('each figure has steps of its own, and none before it is known', (t) => {
  const steps = new Steps();
  t.is(steps.of('disk', undefined), undefined);
  steps.of('memory', 1000);
  t.is(steps.of('disk', undefined), undefined);
});
