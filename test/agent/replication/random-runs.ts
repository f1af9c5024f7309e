import test from 'ava';
import { sameEverywhere, startFleet, type Fleet } from '../../helpers/replication-fleet.ts';
import type { TestNode } from '../../helpers/replication-node.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const seeds = ['1', '2', '3', '4', '5', '6'];
const steps = 30;

/** Writes, partitions, heals and broken connections over slow links, as a seed says. */
async function disturb(fleet: Fleet, seed: string): Promise<void> {
  const random = seededRandom(`${seed} disturbances`);
  const count = fleet.nodes.length;
  for (let step = 0; step < steps; step += 1) {
    const what = random.fraction();
    const one = Math.floor(random.fraction() * count);
    const other = (one + 1 + Math.floor(random.fraction() * (count - 1))) % count;
    const hosts = [`host-${String(one)}`, `host-${String(other)}`] as const;
    if (what < 0.4) {
      const chunks = Array.from({ length: Math.floor(random.fraction() * 6) }, () =>
        random.bytes(1_000 + Math.floor(random.fraction() * 90_000)),
      );
      await fleet.nodes[one]!.write({ chunks, small: [random.bytes(20)] });
    } else if (what < 0.55) fleet.network.partition(...hosts);
    else if (what < 0.7) fleet.network.heal();
    else if (what < 0.85) fleet.network.breakConnections(...hosts);
    await fleet.clock.advance(random.fraction() * 3_000);
  }
  fleet.network.heal();
}

function slowLinks(fleet: Fleet, seed: string): void {
  const random = seededRandom(`${seed} links`);
  fleet.nodes.forEach((a, index) => {
    for (const b of fleet.nodes.slice(0, index)) {
      fleet.network.link(fleet.hostOf(a), fleet.hostOf(b), {
        delayMs: 1 + random.fraction() * 80,
        jitterMs: random.fraction() * 60,
        bytesPerSecond: 200_000 + random.fraction() * 5e6,
      });
    }
  });
}

const batchesOf = ({ store }: TestNode): number =>
  store.journals.tips().reduce((sum, { sequence }) => sum + sequence, 0);

for (const seed of seeds) {
  test(`After the disturbances of seed ${seed} everybody has everything, and nobody was blamed`, async (t) => {
    const fleet = await startFleet(`random ${seed}`, 3 + (Number(seed) % 3));
    slowLinks(fleet, seed);
    await disturb(fleet, seed);
    const written = fleet.nodes.reduce((sum, { store, journal }) => {
      return sum + (store.journals.tip(journal)?.sequence ?? 0);
    }, 0);
    const isDone = (node: TestNode): boolean =>
      batchesOf(node) === written && node.replication.state().missingChunks === 0;
    t.true(await fleet.clock.until(() => fleet.nodes.every(isDone), 300_000));
    t.true(await sameEverywhere(fleet.nodes));
    t.deepEqual(
      fleet.nodes.flatMap(({ happened }) => happened.misbehaved),
      [],
    );
    await fleet.close();
  });
}
