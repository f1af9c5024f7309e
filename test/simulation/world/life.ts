/**
 * The ports of one life of a simulated machine, from its start to its end. After the end nothing that
 * was awaited comes back and no timer fires: code of a dead agent stands still, as it does in a
 * process that was killed. What goes out to disk and network is noted in the trace.
 */
import { createInlineWorkPool } from './inline-work-pool.ts';
import type { ByteStream, Clock, Index, Network, Ports } from '../../../agent/ports.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { openLifeDisk } from './life-disk.ts';
import type { Machine } from './machine.ts';

/** Lets results pass while the life lasts; afterwards they never arrive. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export interface Life {
  readonly ports: Ports;
  readonly number: number;
  readonly alive: boolean;
  end(): void;
}

export function beginLife(machine: Machine, number: number): Life {
  let alive = true;
  const gate: Gate = (work) =>
    new Promise((resolve, reject) => {
      if (!alive) return;
      work().then(
        (value) => {
          if (alive) resolve(value);
        },
        (error: unknown) => {
          if (alive) reject(error);
        },
      );
    });
  const { world, name } = machine;
  return {
    number,
    get alive() {
      return alive;
    },
    end() {
      alive = false;
    },
    ports: {
      clock: clockOf(machine, () => alive),
      random: seededRandom(`${world.seed} ${name} ${String(number)}`),
      disk: openLifeDisk(machine, gate),
      index: {
        open: () => gate(async () => indexOf(await machine.index.open(), gate)),
        destroy: () => gate(() => machine.index.destroy()),
      },
      network: networkOf(machine, gate),
      work: workOf(gate),
      log: machine.lines.log(`${name}.${String(number)}`),
    },
  };
}

function clockOf({ world, wall }: Machine, isAlive: () => boolean): Clock {
  return {
    nowMs: () => world.clock.nowMs() + wall.skewMs,
    monotonicMs: () => world.clock.monotonicMs(),
    after: (delayMs, action) =>
      world.clock.after(delayMs, () => {
        if (isAlive()) action();
      }),
  };
}

function indexOf(index: Index, gate: Gate): Index {
  return {
    get: (key) => index.get(key),
    getMany: (keys) => gate(() => index.getMany(keys)),
    write: (changes) => gate(() => index.write(changes)),
    range: (from, to) => index.range(from, to),
    close: () => gate(() => index.close()),
  };
}

function workOf(gate: Gate): Ports['work'] {
  const pool = createInlineWorkPool();
  return {
    width: pool.width,
    run: (name, input) => gate(() => pool.run(name, input)),
    close: () => pool.close(),
  };
}

function networkOf({ world, name }: Machine, gate: Gate): Network {
  const network = world.network.host(name);
  const noted = (stream: ByteStream): ByteStream => ({
    remote: stream.remote,
    closed: stream.closed,
    send(parts) {
      world.trace.note(name, `send ${stream.remote}`, parts);
      return gate(() => stream.send(parts));
    },
    receive: () => gate(() => stream.receive()),
    end: () => {
      stream.end();
    },
    destroy: () => {
      stream.destroy();
    },
  });
  return {
    listen: (address, onStream) =>
      gate(() =>
        network.listen(address, (stream) => {
          onStream(noted(stream));
        }),
      ),
    dial: (address, options) => gate(async () => noted(await network.dial(address, options))),
    openBeacon: (onDatagram) => gate(() => network.openBeacon(onDatagram)),
    localAddresses: () => network.localAddresses(),
  };
}
