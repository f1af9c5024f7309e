import test from 'ava';
import fc from 'fast-check';
import { Leases } from '../../../agent/mount/leases.ts';

test('memory that nobody looks at is given back at once', (t) => {
  const leases = new Leases();
  let freed = 0;
  leases.whenUnused(() => (freed += 1));
  t.is(freed, 1);
});

test('memory waits for those who began to read before it was put aside, and for nobody else', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2), { maxLength: 60 }),
      fc.infiniteStream(fc.nat()),
      (steps, dice) => {
        const leases = new Leases();
        const held: { readonly name: number; readonly release: () => void }[] = [];
        const waitsFor: Set<number>[] = [];
        const freed: boolean[] = [];
        const roll = (limit: number): number => (dice.next().value ?? 0) % limit;
        for (const [step, kind] of steps.entries()) {
          if (kind === 0) held.push({ name: step, release: leases.take() });
          else if (kind === 1) {
            const index = waitsFor.length;
            waitsFor.push(new Set(held.map(({ name }) => name)));
            freed.push(false);
            leases.whenUnused(() => (freed[index] = true));
          } else if (held.length > 0) {
            const [gone] = held.splice(roll(held.length), 1);
            gone?.release();
            for (const names of waitsFor) names.delete(gone?.name ?? -1);
          }
          for (const [index, names] of waitsFor.entries()) {
            if (freed[index] === true && names.size > 0) return false;
          }
        }
        for (const { release } of held) release();
        return freed.every((each) => each);
      },
    ),
  );
  t.pass();
});
