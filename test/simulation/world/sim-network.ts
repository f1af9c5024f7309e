/**
 * The Network port of several machines over virtual time. Streams are reliable and ordered like TCP:
 * a partition holds bytes back until it heals or somebody gives up, a crash leaves the other side with
 * a connection that never answers. Delays come from a seed.
 */
import type { Beacon, ByteStream, Clock, Listener, Network, Random } from '../../../agent/ports.ts';
import { VaultError } from '../../../protocol/errors.ts';

export interface LinkOptions {
  /** One way, per piece. @default 1 */
  readonly delayMs?: number;
  /** Added at random, up to so much; order is kept. @default 0 */
  readonly jitterMs?: number;
  /** @default unlimited */
  readonly bytesPerSecond?: number;
}

const receiveQueueBytesMax = 1024 * 1024;
/** As much as one record: a stream gives what it has, not what was written together. */
const arrivesBytesMax = 64 * 1024;

export class SimNetwork {
  readonly clock: Clock;
  readonly random: Random;
  readonly #listeners = new Map<string, { host: string; onStream: (stream: ByteStream) => void }>();
  readonly #beacons = new Set<{
    host: string;
    onDatagram: (datagram: Buffer, from: string) => void;
  }>();
  readonly #links = new Map<string, LinkOptions>();
  readonly #cut = new Set<string>();
  readonly #pipes = new Set<Pipe>();
  #nextPort = 40_000;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  /** The network as one machine sees it. */
  host(name: string): Network {
    return {
      listen: (address, onStream) => this.#listen(name, address, onStream),
      dial: (address, options) => this.#dial(name, address, options),
      openBeacon: (onDatagram) => Promise.resolve(this.#openBeacon(name, onDatagram)),
      localAddresses: () => [name],
    };
  }

  /** Both directions between two machines. */
  link(a: string, b: string, options: LinkOptions): void {
    this.#links.set(pairOf(a, b), options);
  }

  /** Nothing passes between two machines until `heal`. */
  partition(a: string, b: string): void {
    this.#cut.add(pairOf(a, b));
  }

  heal(a?: string, b?: string): void {
    if (a === undefined || b === undefined) this.#cut.clear();
    else this.#cut.delete(pairOf(a, b));
    for (const pipe of this.#pipes) pipe.flush();
  }

  isCut(a: string, b: string): boolean {
    return this.#cut.has(pairOf(a, b));
  }

  linkOf(a: string, b: string): LinkOptions {
    return this.#links.get(pairOf(a, b)) ?? {};
  }

  /** Every connection of a machine is gone on its side; the others notice nothing. */
  crash(name: string): void {
    for (const pipe of [...this.#pipes]) if (pipe.hosts.includes(name)) pipe.silence(name);
    for (const [address, { host }] of this.#listeners)
      if (host === name) this.#listeners.delete(address);
    for (const beacon of this.#beacons) if (beacon.host === name) this.#beacons.delete(beacon);
  }

  /** Connections between two machines break, and both sides notice. */
  breakConnections(a: string, b: string): void {
    for (const pipe of [...this.#pipes]) {
      if (pairOf(...pipe.hosts) === pairOf(a, b)) pipe.breakBoth();
    }
  }

  /** Every connection of a machine breaks, and the others notice. */
  breakAll(name: string): void {
    for (const pipe of [...this.#pipes]) if (pipe.hosts.includes(name)) pipe.breakBoth();
  }

  /** Connections between two machines are gone for `a`; `b` notices nothing. */
  halfOpen(a: string, b: string): void {
    for (const pipe of [...this.#pipes]) {
      if (pairOf(...pipe.hosts) === pairOf(a, b)) pipe.silence(a);
    }
  }

  forget(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  #listen(
    host: string,
    address: string,
    onStream: (stream: ByteStream) => void,
  ): Promise<Listener> {
    const asked = Number(address.slice(address.lastIndexOf(':') + 1));
    const port = asked === 0 ? this.#newPort() : asked;
    const at = `${host}:${String(port)}`;
    if (this.#listeners.has(at)) {
      return Promise.reject(new VaultError('port-in-use', { op: 'sim.listen', subject: at }));
    }
    this.#listeners.set(at, { host, onStream });
    return Promise.resolve({
      address: at,
      close: () => {
        this.#listeners.delete(at);
        return Promise.resolve();
      },
    });
  }

  async #dial(
    from: string,
    address: string,
    options: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<ByteStream> {
    const to = address.slice(0, address.lastIndexOf(':'));
    await this.#wait(2 * (this.linkOf(from, to).delayMs ?? 1), options);
    if (this.isCut(from, to)) {
      await this.#wait(options.timeoutMs, options);
      throw new VaultError('timeout', { op: 'sim.dial', subject: address });
    }
    const listener = this.#listeners.get(address);
    if (listener === undefined) {
      throw new VaultError('peer-unreachable', { op: 'sim.dial', subject: address });
    }
    const pipe = new Pipe(this, [from, to], [`${from}:${String(this.#newPort())}`, address]);
    this.#pipes.add(pipe);
    listener.onStream(pipe.ends[1].stream);
    return pipe.ends[0].stream;
  }

  #wait(delayMs: number, options: { signal?: AbortSignal | undefined }): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        timer.cancel();
        reject(new VaultError('cancelled', { op: 'sim.dial' }));
      };
      const timer = this.clock.after(delayMs, () => {
        options.signal?.removeEventListener('abort', stop);
        resolve();
      });
      options.signal?.addEventListener('abort', stop, { once: true });
    });
  }

  #openBeacon(host: string, onDatagram: (datagram: Buffer, from: string) => void): Beacon {
    const own = { host, onDatagram };
    this.#beacons.add(own);
    return {
      send: (datagram) => {
        const copy = Buffer.from(datagram);
        this.clock.after(1, () => {
          for (const other of this.#beacons) {
            if (other !== own && !this.isCut(host, other.host)) other.onDatagram(copy, host);
          }
        });
      },
      close: () => {
        this.#beacons.delete(own);
      },
    };
  }

  #newPort(): number {
    this.#nextPort += 1;
    return this.#nextPort;
  }
}

interface End {
  readonly host: string;
  readonly stream: ByteStream;
  deliver(piece: Buffer | undefined): void;
  close(): void;
}

/** One connection: two ends, and what is on its way between them. */
class Pipe {
  readonly hosts: readonly [string, string];
  readonly ends: readonly [End, End];
  readonly #network: SimNetwork;
  readonly #silent = new Set<string>();
  readonly #onWay: [Buffer | undefined, number][][] = [[], []];
  readonly #freeAtMs = [0, 0];
  readonly #queuedBytes = [0, 0];
  readonly #room: (() => void)[][] = [[], []];

  constructor(
    network: SimNetwork,
    hosts: readonly [string, string],
    addresses: readonly [string, string],
  ) {
    this.#network = network;
    this.hosts = hosts;
    this.ends = [this.#makeEnd(0, addresses[1]), this.#makeEnd(1, addresses[0])];
  }

  /** Bytes that a partition held back go on. */
  flush(): void {
    for (const side of [0, 1] as const) this.#schedule(side);
  }

  silence(host: string): void {
    this.#silent.add(host);
    this.ends[host === this.hosts[0] ? 0 : 1].close();
  }

  breakBoth(): void {
    for (const end of this.ends) end.close();
    this.#network.forget(this);
  }

  #makeEnd(side: 0 | 1, remote: string): End {
    const inbox: (Buffer | undefined)[] = [];
    let waiting: ((piece: Buffer | undefined) => void) | undefined;
    let open = true;
    let ended = false;
    const closed = Promise.withResolvers<undefined>();
    const other = side === 0 ? 1 : 0;
    const taken = (piece: Buffer | undefined): void => {
      this.#queuedBytes[other]! -= piece?.length ?? 0;
      if (this.#queuedBytes[other]! < receiveQueueBytesMax) {
        for (const go of this.#room[other]!.splice(0)) go();
      }
    };
    const end: End = {
      host: this.hosts[side],
      deliver: (piece) => {
        if (!open) return;
        if (piece === undefined) {
          ended = true;
          closed.resolve(undefined);
        }
        const taker = waiting;
        waiting = undefined;
        if (taker !== undefined) {
          taken(piece);
          taker(piece);
        } else if (piece !== undefined) inbox.push(piece);
      },
      close: () => {
        if (!open) return;
        open = false;
        waiting?.(undefined);
        for (const go of this.#room[side]!.splice(0)) go();
        closed.resolve(undefined);
      },
      stream: {
        remote,
        closed: closed.promise,
        send: async (parts) => {
          if (!open || ended) throw new VaultError('closed', { op: 'sim.send', subject: remote });
          for (const piece of cut(Buffer.concat(parts))) this.#send(side, piece);
          if (this.#queuedBytes[side]! > receiveQueueBytesMax) {
            await new Promise<void>((resolve) => this.#room[side]!.push(resolve));
          }
          if (!open) throw new VaultError('closed', { op: 'sim.send', subject: remote });
        },
        receive: () => {
          if (inbox.length > 0) {
            const piece = inbox.shift();
            taken(piece);
            return Promise.resolve(piece);
          }
          if (!open || ended) return Promise.resolve(undefined);
          return new Promise((resolve) => {
            waiting = resolve;
          });
        },
        end: () => {
          if (open) this.#send(side, undefined);
          end.close();
        },
        destroy: () => {
          if (open) this.#send(side, undefined);
          end.close();
        },
      },
    };
    return end;
  }

  #send(side: 0 | 1, piece: Buffer | undefined): void {
    if (this.#silent.size > 0) return;
    const {
      delayMs = 1,
      jitterMs = 0,
      bytesPerSecond = Infinity,
    } = this.#network.linkOf(...this.hosts);
    const nowMs = this.#network.clock.monotonicMs();
    const length = piece?.length ?? 0;
    const startMs = Math.max(nowMs, this.#freeAtMs[side]!);
    const sentMs = startMs + (length * 1_000) / bytesPerSecond;
    this.#freeAtMs[side] = sentMs;
    const arrivesMs = sentMs + delayMs + jitterMs * this.#network.random.fraction();
    const before = this.#onWay[side]!.at(-1)?.[1] ?? 0;
    this.#onWay[side]!.push([piece, Math.max(arrivesMs, before)]);
    this.#queuedBytes[side]! += length;
    if (this.#onWay[side]!.length === 1) this.#schedule(side);
  }

  #schedule(side: 0 | 1): void {
    const first = this.#onWay[side]![0];
    if (first === undefined) return;
    this.#network.clock.after(first[1] - this.#network.clock.monotonicMs(), () => {
      this.#arrive(side);
    });
  }

  #arrive(side: 0 | 1): void {
    const way = this.#onWay[side]!;
    const nowMs = this.#network.clock.monotonicMs();
    if (this.#network.isCut(...this.hosts)) return;
    while (way[0] !== undefined && way[0][1] <= nowMs) {
      const [piece] = way.shift()!;
      if (this.#silent.size > 0) continue;
      const end = this.ends[side === 0 ? 1 : 0];
      end.deliver(piece);
      if (piece === undefined) this.#network.forget(this);
    }
    this.#schedule(side);
  }
}

/** What is written at once still comes bit by bit over a slow link. */
function* cut(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += arrivesBytesMax) {
    yield bytes.subarray(at, at + arrivesBytesMax);
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
