import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createNodeClock } from '../../../agent/host/node-clock.ts';
import { createNodeDisk } from '../../../agent/host/node-disk.ts';
import { createNodeNetwork } from '../../../agent/host/node-network.ts';
import { createNodeRandom } from '../../../agent/host/node-random.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { startNode, type TestNode } from '../../helpers/replication-node.ts';
import { sameEverywhere } from '../../helpers/replication-fleet.ts';
import { smallVault } from '../../helpers/small-vault.ts';

test('Two devices on real sockets exchange journals and chunks, and end cleanly', async (t) => {
  const vault = smallVault('sockets');
  const identities = [vault.first, vault.admit('writer')];
  const random = createNodeRandom();
  const nodes: TestNode[] = [];
  for (const identity of identities) {
    const directory = await mkdtemp(join(tmpdir(), 'peervault-sockets-'));
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    nodes.push(
      await startNode({
        identity,
        statements: vault.log.all(),
        store: createMemoryStore(),
        network: createNodeNetwork(),
        clock: createNodeClock(),
        random,
        disk: createNodeDisk(directory),
        peerOptions: { listen: '127.0.0.1:0' },
      }),
    );
  }
  const [a, b] = nodes;
  for (const node of nodes) {
    const chunks = Array.from({ length: 64 }, () => random.bytes(100_000));
    await node.write({ chunks, small: [random.bytes(10)] });
  }
  await b!.peers.addAddress(a!.peers.listening, a!.device);
  while (a!.happened.chunks < 64 || b!.happened.chunks < 64) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.true(await sameEverywhere(nodes));
  t.deepEqual(a!.happened.misbehaved, []);
  await Promise.all(nodes.map((node) => node.close()));
});
