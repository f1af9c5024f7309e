/**
 * The table roles × calls between devices, cell by cell, over real connections. Whoever belongs to the vault may
 * ask for what is sealed, and no more; who does not belong to it has nobody to ask. What a guest may is in
 * `test/e2e/hostile-connections.ts`.
 */
import test from 'ava';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import type { Role } from '../../../agent/members/membership.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { idFromBytes } from '../../../protocol/ids.ts';
import { encodeFetchRequest, encodeHaveRequest } from '../../../protocol/messages/peer.ts';
import { peerMethods, type PeerMethod } from '../../../protocol/methods.ts';
import type { RpcConnection } from '../../../protocol/rpc/rpc.ts';
import { startFleet, type Fleet, type FleetNode } from '../../helpers/replication-fleet.ts';
import { revocationOf } from '../../helpers/small-vault.ts';
import { encodePages } from '../../../agent/replication/vector-pages.ts';

const ids = [idFromBytes('chunk', Buffer.alloc(32, 7))];

/** Total, so that a new call does not compile before it has a place here. */
const calls: Readonly<
  Record<PeerMethod, { readonly request: Uint8Array; readonly isAMembers: boolean }>
> = {
  subscribe: { request: encodePages({ heads: [], vector: [] }).request, isAMembers: true },
  have: { request: encodeHaveRequest({ ids }), isAMembers: true },
  fetch: { request: encodeFetchRequest({ ids }), isAMembers: true },
  join: { request: Buffer.alloc(0), isAMembers: false },
};

/** What the first item of the answer is: `answered`, or the code of a refusal. */
async function ask(fleet: Fleet, rpc: RpcConnection, method: PeerMethod): Promise<string> {
  const abort = new AbortController();
  const { request } = calls[method];
  const stream = rpc.call(peerMethods[method], request, { signal: abort.signal });
  stream.end();
  const answer = stream.receive().then(
    () => 'answered',
    (error: unknown) => (isVaultError(error) ? error.code : String(error)),
  );
  await fleet.clock.advance(1_000);
  abort.abort();
  return answer;
}

async function meet(fleet: Fleet, identity: DeviceIdentity, what?: FleetNode) {
  const [first] = fleet.nodes;
  await first!.learn(fleet.vault.log.all());
  const statements = fleet.vault.log.all();
  const node = await fleet.add({ identity, statements, ...what });
  await fleet.introduce(node, first!);
  await fleet.clock.advance(5_000);
  return first!.peers.peers().some(({ device }) => device === node.device)
    ? node.peers.peers()[0]?.rpc
    : undefined;
}

for (const role of ['admin', 'writer', 'reader', 'blind'] satisfies Role[]) {
  test(`every call between devices, of one that is ${role}`, async (t) => {
    const fleet = await startFleet(`calls of ${role}`, 1);
    const rpc = await meet(fleet, fleet.vault.admit(role));
    for (const [method, { isAMembers }] of Object.entries(calls)) {
      const answer = await ask(fleet, rpc!, method as PeerMethod);
      t.is(answer, isAMembers ? 'answered' : 'not-supported', method);
    }
    await fleet.close();
  });

  test(`no call between devices, of one that was ${role}`, async (t) => {
    const fleet = await startFleet(`calls of a former ${role}`, 1);
    const identity = fleet.vault.admit(role);
    // It has not heard that it was sent away: it means to be a member.
    const statements = fleet.vault.log.all();
    fleet.vault.log.issue(fleet.vault.owner, revocationOf(identity));
    t.is(await meet(fleet, identity, { statements }), undefined);
    t.regex(fleet.nodes[0]!.happened.refused[0]?.reason ?? '', /not a member/);
    await fleet.close();
  });
}
