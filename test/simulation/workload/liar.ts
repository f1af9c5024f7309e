/**
 * A member that means harm: it joined as a reader, so it knows all keys and every honest device talks to
 * it, and then it answers and sends what no honest device would. Below, it is the real peer layer and the
 * real replication of a test node, so that its lies arrive behind a right handshake.
 */
import { signStatement } from '../../../agent/members/signed-statement.ts';
import { loadIdentity } from '../../../agent/members/identity-file.ts';
import type { Role } from '../../../agent/members/membership.ts';
import type { Peer } from '../../../agent/peer/peer.ts';
import { openDiskStore } from '../../../agent/store/disk-store.ts';
import { chunk } from '../../../protocol/limits.ts';
import {
  decodeFetchRequest,
  decodeHaveRequest,
  encodeChunkHead,
  encodeHaveReply,
  encodeUpdate,
} from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import type { CallHandler, CallStream } from '../../../protocol/rpc/rpc.ts';
import { startNode, type TestNode } from '../../helpers/replication-node.ts';
import { bareGrant, revocationOf } from '../../helpers/small-vault.ts';
import type { Chance } from '../world/chance.ts';
import { inviteFrom, type Cluster } from '../world/cluster.ts';
import { Device, port } from '../world/device.ts';
import type { Findings } from './findings.ts';

export type Lie = keyof typeof feedLies | keyof typeof fetchLies;

export interface LiarOptions {
  readonly name: string;
  readonly role: Role;
  readonly chance: Chance;
  readonly findings: Findings;
  /** What it does. @default everything that it can think of */
  readonly lies?: readonly Lie[] | undefined;
}

export class Liar {
  readonly name: string;
  readonly role: Role;
  readonly chance: Chance;
  node!: TestNode;
  readonly #findings: Findings;
  readonly #cluster: Cluster;
  readonly #lies: readonly Lie[] | undefined;
  #stopped = false;

  private constructor(cluster: Cluster, { name, role, chance, findings, lies }: LiarOptions) {
    this.name = name;
    this.role = role;
    this.chance = chance;
    this.#findings = findings;
    this.#cluster = cluster;
    this.#lies = lies;
  }

  /** Joins honestly; from then on it lies. */
  static async join(cluster: Cluster, options: LiarOptions): Promise<Liar> {
    const { world, devices } = cluster;
    const liar = new Liar(cluster, options);
    const device = new Device(world.addMachine(options.name), options.role);
    await device.join(await inviteFrom(devices[0]!, options.role));
    const { ports } = device.machine.boot();
    const identity = (await loadIdentity(ports.disk))!;
    const store = await openDiskStore({ ...ports, onEvent: () => undefined, options: {} });
    liar.node = await startNode({
      ...ports,
      identity,
      store,
      statements: store.statements.all(),
      peerOptions: {
        listen: `${options.name}:${String(port)}`,
        addresses: devices.map(({ name }) => `${name}:${String(port)}`),
      },
      corrupt: (peer, honest) => (call) => liar.#answer(peer, honest, call),
    });
    return liar;
  }

  /** Beside what it answers, it calls and knocks in wrong ways. */
  async work(untilMs: number): Promise<void> {
    const { world } = this.#cluster;
    while (!this.#stopped) {
      await world.sleep(this.chance.skewed(300, 15_000));
      if (world.clock.monotonicMs() >= untilMs) return;
      const peers = this.node.peers.peers();
      if (peers.length > 0 && this.#lies === undefined) this.#harass(this.chance.pick(peers));
    }
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.node.close();
  }

  count(what: string): void {
    this.#findings.count(`lie ${what}`);
  }

  async #answer(_peer: Peer, honest: CallHandler, call: Parameters<CallHandler>[0]): Promise<void> {
    if (call.method === peerMethods.subscribe) {
      const what = this.#lieOf(feedLies, 0.5);
      if (what !== undefined) await feedLies[what](this, call.stream);
    }
    if (call.method === peerMethods.have) {
      const { ids } = decodeHaveRequest(call.request);
      const bitmap = Buffer.alloc(Math.ceil(ids.length / 8), 0xff);
      await call.stream.sendMessage(encodeHaveReply({ bitmap }));
      return;
    }
    if (call.method === peerMethods.fetch) {
      const what = this.#lieOf(fetchLies, 0.8);
      if (what !== undefined) return fetchLies[what](this, call);
    }
    await honest(call);
  }

  #lieOf<Lies extends object>(lies: Lies, probability: number): keyof Lies | undefined {
    const known = Object.keys(lies) as (keyof Lies & Lie)[];
    const possible = known.filter((lie) => this.#lies?.includes(lie) ?? true);
    if (possible.length === 0) return undefined;
    if (this.#lies === undefined && !this.chance.happens(probability)) return undefined;
    const what = this.chance.pick(possible);
    this.count(what);
    return what;
  }

  #harass({ rpc }: Peer): void {
    const { chance } = this;
    const garbage = bytesOf(chance, chance.skewed(1, 2_000));
    const method = chance.pick([...Object.values(peerMethods), 99]);
    this.count(`call of method ${String(method)}`);
    const stream = rpc.call(method, garbage);
    if (chance.happens(0.5)) stream.end();
    // What comes back is left unread now and then, as by somebody who wants to hold it up.
    if (chance.happens(0.5)) stream.receive().catch(() => undefined);
  }
}

function bytesOf(chance: Chance, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => chance.between(0, 255)));
}

function flipped(chance: Chance, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  const at = chance.between(0, copy.length - 1);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << chance.between(0, 7)), at);
  return copy;
}

async function sendBatch(
  stream: CallStream,
  bytes: Buffer,
  small: readonly Buffer[],
): Promise<void> {
  const smallLengths = small.map(({ length }) => length);
  await stream.sendMessage(
    encodeUpdate({ type: 'batch', smallLengths, batchLength: bytes.length }),
  );
  await stream.sendData(Buffer.concat([...small, bytes]));
}

/** Some batch that it got from others, with its small records. */
async function stolenBatch({ node, chance }: Liar) {
  const tips = node.store.journals.tips();
  if (tips.length === 0) return undefined;
  const { journal, sequence } = chance.pick(tips);
  const from = chance.between(0, sequence - 1);
  for await (const { bytes, small } of node.store.journals.read(journal, from)) {
    return { bytes: Buffer.from(bytes), small: small.map(({ body }) => Buffer.from(body)) };
  }
  return undefined;
}

/** What it says on a subscription, before what an honest device would say. */
const feedLies = {
  'bytes that are no update': async ({ chance }: Liar, stream: CallStream) => {
    await stream.sendMessage(bytesOf(chance, chance.skewed(1, 400)));
  },
  'half of an update': async ({ node, chance }: Liar, stream: CallStream) => {
    const whole = encodeUpdate({ type: 'statements', signed: node.members.all() });
    await stream.sendMessage(whole.subarray(0, chance.between(1, whole.length - 1)));
  },
  'a garbled statement': async ({ node, chance }: Liar, stream: CallStream) => {
    const signed = [flipped(chance, chance.pick(node.members.all()))];
    await stream.sendMessage(encodeUpdate({ type: 'statements', signed }));
  },
  'statements without power': async ({ node, chance }: Liar, stream: CallStream) => {
    const log = node.members.copy();
    const { identity } = node;
    const victim = chance.pick([...node.membership().members.values()]);
    const kinds = [
      bareGrant(identity, 15),
      { ...revocationOf(identity), device: victim.device },
    ] as const;
    const signed = kinds.map((kind) => log.issue(identity.signKey, kind).bytes);
    await stream.sendMessage(encodeUpdate({ type: 'statements', signed }));
  },
  'a statement in the name of the owner': async ({ node }: Liar, stream: CallStream) => {
    const { identity, members } = node;
    const owner = { ...identity.signKey, publicKey: node.membership().owner };
    const last = members
      .statements()
      .findLast(({ issuer }) => issuer === owner.publicKey.toString('hex'));
    const place = {
      vault: members.vault,
      sequence: (last?.sequence ?? 0) + 1,
      previous: last?.id,
      heads: [],
    };
    const signed = [signStatement(owner, place, bareGrant(identity, 15)).bytes];
    await stream.sendMessage(encodeUpdate({ type: 'statements', signed }));
  },
  'a batch again': async (liar: Liar, stream: CallStream) => {
    const batch = await stolenBatch(liar);
    if (batch !== undefined) await sendBatch(stream, batch.bytes, batch.small);
  },
  'a garbled batch': async (liar: Liar, stream: CallStream) => {
    const batch = await stolenBatch(liar);
    if (batch !== undefined)
      await sendBatch(stream, flipped(liar.chance, batch.bytes), batch.small);
  },
  'a batch with another small record': async (liar: Liar, stream: CallStream) => {
    const batch = await stolenBatch(liar);
    if (batch !== undefined) await sendBatch(stream, batch.bytes, [Buffer.from('another')]);
  },
  'less than a batch': async (liar: Liar, stream: CallStream) => {
    const batch = await stolenBatch(liar);
    if (batch === undefined) return;
    await stream.sendMessage(
      encodeUpdate({ type: 'batch', smallLengths: [], batchLength: batch.bytes.length }),
    );
    await stream.sendData(batch.bytes.subarray(0, batch.bytes.length >> 1));
  },
  'an own batch': async ({ node }: Liar, stream: CallStream) => {
    // Signed rightly, by one who may not write.
    const { bytes } = await node.write({ small: [Buffer.from('mine')] });
    await sendBatch(stream, Buffer.from(bytes), [Buffer.from('mine')]);
  },
  'forged addresses': async ({ chance }: Liar, stream: CallStream) => {
    const records = [bytesOf(chance, 120)];
    await stream.sendMessage(encodeUpdate({ type: 'addresses', records }));
  },
  'garbled proofs of a fork': async ({ chance }: Liar, stream: CallStream) => {
    await stream.sendMessage(encodeUpdate({ type: 'forks', proofs: [bytesOf(chance, 300)] }));
  },
  'that it holds everything': async ({ node }: Liar, stream: CallStream) => {
    const all = node.store.journals
      .tips()
      .map(({ journal, sequence, hash }) => ({ journal, sequence, hash }));
    await stream.sendMessage(
      encodeUpdate({ type: 'holdings', applied: all, complete: all, freeBytes: 1 }),
    );
  },
} satisfies Record<string, (liar: Liar, stream: CallStream) => Promise<void>>;

type FetchCall = Parameters<CallHandler>[0];

/** What it gives to somebody who asks for chunks. */
const fetchLies = {
  'a chunk of which a bit is another': async (
    { node, chance }: Liar,
    { request, stream }: FetchCall,
  ) => {
    for (const id of decodeFetchRequest(request).ids) {
      const body = node.store.chunks.has(id) ? await node.store.chunks.read(id) : undefined;
      const wrong = body === undefined ? bytesOf(chance, 900) : flipped(chance, body);
      await stream.sendMessage(encodeChunkHead({ id, length: wrong.length }));
      await stream.sendData(wrong);
    }
  },
  'less than a chunk': async ({ chance }: Liar, { request, stream }: FetchCall) => {
    const [id] = decodeFetchRequest(request).ids;
    await stream.sendMessage(encodeChunkHead({ id: id!, length: 5_000 }));
    await stream.sendData(bytesOf(chance, 4_000));
  },
  'a chunk too large': async (_: Liar, { request, stream }: FetchCall) => {
    const [id] = decodeFetchRequest(request).ids;
    await stream.sendMessage(encodeChunkHead({ id: id!, length: chunk.sealedBytesMax + 1 }));
  },
  'that it has none': async (_: Liar, { request, stream }: FetchCall) => {
    for (const id of decodeFetchRequest(request).ids) {
      await stream.sendMessage(encodeChunkHead({ id, length: 0 }));
    }
  },
  'no answer': async (_: Liar, { stream }: FetchCall) => {
    await new Promise<void>((resolve) => {
      stream.signal.addEventListener('abort', () => {
        resolve();
      });
    });
  },
} satisfies Record<string, (liar: Liar, call: FetchCall) => Promise<void>>;
