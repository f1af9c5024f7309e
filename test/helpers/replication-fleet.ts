/** Several devices of one vault on the simulated network and in virtual time. */
import type { DeviceIdentity } from '../../agent/members/identity.ts';
import { createMemoryStore } from '../../agent/store/memory-store.ts';
import type { Store } from '../../agent/store/store.ts';
import type { Disk } from '../../agent/ports.ts';
import { SimClock } from '../simulation/world/sim-clock.ts';
import { SimNetwork } from '../simulation/world/sim-network.ts';
import { memoryDisk } from './memory-disk.ts';
import { startNode, type NodeParts, type TestNode } from './replication-node.ts';
import { seededRandom } from './seeded-random.ts';
import { smallVault, type SmallVault } from './small-vault.ts';

export interface Fleet {
  readonly clock: SimClock;
  readonly network: SimNetwork;
  readonly vault: SmallVault;
  readonly nodes: readonly TestNode[];
  /** The name of a node on the network. */
  hostOf(node: TestNode): string;
  /** One more device; `what` overrides parts. */
  add(what?: FleetNode): Promise<TestNode>;
  /** Tells a node where another one listens. */
  introduce(node: TestNode, to: TestNode): Promise<void>;
  close(): Promise<void>;
}

export interface FleetNode extends Partial<NodeParts> {
  readonly disk?: Disk;
  readonly store?: Store;
  readonly identity?: DeviceIdentity;
  readonly host?: string;
  readonly port?: number;
}

/** Starts `count` devices that all know the first one; `what` is for all of them. */
export async function startFleet(
  seed: string,
  count: number,
  what?: (index: number) => FleetNode,
): Promise<Fleet> {
  const clock = new SimClock();
  const network = new SimNetwork(clock, seededRandom(`${seed} network`));
  const vault = smallVault(seed);
  const nodes: TestNode[] = [];
  const hosts = new Map<TestNode, string>();
  const identities = [vault.first];
  while (identities.length < count) identities.push(vault.admit('writer'));
  const fleet: Fleet = {
    clock,
    network,
    vault,
    nodes,
    hostOf: (node) => hosts.get(node)!,
    async add(what = {}) {
      const host = what.host ?? `host-${String(nodes.length)}`;
      const node = await startNode({
        identity: vault.first,
        statements: vault.log.all(),
        store: createMemoryStore(),
        network: network.host(host),
        clock,
        random: seededRandom(`${seed} ${host}`),
        disk: memoryDisk(),
        ...what,
        peerOptions: {
          listen: `${host}:${String(what.port ?? 7420)}`,
          beacon: false,
          ...what.peerOptions,
        },
      });
      nodes.push(node);
      hosts.set(node, host);
      return node;
    },
    introduce: (node, to) => node.peers.addAddress(to.peers.listening, to.device),
    async close() {
      const closing = Promise.all(nodes.map((node) => node.close()));
      await clock.advance(5_000);
      await closing;
    },
  };
  for (const [index, identity] of identities.entries()) {
    await fleet.add({ identity, ...what?.(index) });
  }
  for (const node of nodes.slice(1)) await fleet.introduce(node, nodes[0]!);
  return fleet;
}

/** Every node's journals and chunks are the same. */
export async function sameEverywhere(nodes: readonly TestNode[]): Promise<boolean> {
  const pictures = await Promise.all(nodes.map(pictureOf));
  return pictures.every((picture) => picture === pictures[0]);
}

async function pictureOf({ store }: TestNode): Promise<string> {
  const tips = store.journals
    .tips()
    .map(({ journal, sequence, hash }) => [journal, sequence, hash].join());
  const chunks: string[] = [];
  for await (const { id } of store.chunks.list()) chunks.push(id);
  return [...tips.sort(), ...chunks.sort()].join('\n');
}
