/** The keeper of the tree, with its part of the index and the key that nobody else has. */
import { deriveKey } from '../members/derive.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { Ports } from '../ports.ts';
import { indexSpace } from '../store/index-space.ts';
import { prefixes } from '../store/keyspace.ts';
import type { IndexedStore } from '../store/store.ts';
import type { FoldBase } from '../vault/fold/fold-base.ts';
import type { MembersService } from '../vault/members-service.ts';
import { TreeKeeper, type TreeKeeperParts } from '../vault/tree-keeper.ts';

/** @param parts.counting the journals as far as they count */
export function createTreeKeeper(
  store: IndexedStore,
  parts: {
    readonly ports: Ports;
    readonly identity: DeviceIdentity;
    readonly members: MembersService;
    readonly counting: TreeKeeperParts['journals'];
    readonly base: Pick<FoldBase, 'isWithin'>;
  },
): TreeKeeper {
  const { ports, identity, members, counting, base } = parts;
  return new TreeKeeper({
    index: indexSpace(store.index, prefixes.namespace),
    secret: deriveKey(identity.secrets.signSeed.reveal(), 'device/tree'),
    journals: counting,
    reachesBase: (applied) => base.isWithin(applied),
    clock: ports.clock,
    random: ports.random,
    log: ports.log.child('tree'),
    // Labels of devices come with statements.
    labels: () => members.current().heads.join(' '),
  });
}
