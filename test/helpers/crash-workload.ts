/**
 * Writers that never rest: each has a directory of its own and puts, overwrites, removes, renames and
 * copies files of all sizes in it, one change after the other, and writes down what it asks for and
 * what was acknowledged. They end with the first failure, which leaves that change in flight.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentOf, digestOf, openControlSession, type ControlSession } from './control-session.ts';
import type { Content, ExpectedState } from './expected-state.ts';
import type { RealDevice } from './real-device.ts';
import { seededRandom } from './seeded-random.ts';

export interface WorkloadOptions {
  readonly seed: string;
  /** Over the control socket. @default 3 */
  readonly writers?: number;
  /** One more that runs `vault put` as a process for every file. @default true */
  readonly program?: boolean;
  /** Largest file. @default 2 MiB */
  readonly bytesMax?: number;
  /** Whether files may fit beside their operation, without a chunk. @default true */
  readonly small?: boolean;
}

export interface Workload {
  /** Resolves when every writer has ended, with the errors that ended them. */
  readonly ended: Promise<readonly Error[]>;
  /** No writer begins another change. */
  stop(): void;
}

const namesPerWriter = 8;

/** Starts writing to a device that is ready. */
export function startWorkload(
  device: RealDevice,
  expected: ExpectedState,
  options: WorkloadOptions,
): Workload {
  const control = { stopped: false };
  const writers = Array.from(
    { length: options.writers ?? 3 },
    (_, number) => `writer-${String(number)}`,
  );
  const running = writers.map((name) =>
    writeOverSocket(device, { name, expected, control, options }),
  );
  if (options.program ?? true) {
    running.push(writeWithProgram(device, { name: 'program', expected, control, options }));
  }
  return {
    ended: Promise.all(running).then((errors) => errors.filter((error) => error !== undefined)),
    stop() {
      control.stopped = true;
    },
  };
}

interface Writer {
  readonly name: string;
  readonly expected: ExpectedState;
  readonly control: { readonly stopped: boolean };
  readonly options: WorkloadOptions;
}

async function writeOverSocket(device: RealDevice, writer: Writer): Promise<Error | undefined> {
  let session: ControlSession | undefined;
  try {
    session = await openControlSession(device.socket);
    const dice = diceOf(writer);
    for (let step = 0; !writer.control.stopped; step++) {
      await takeStep(session, {
        ...writer,
        dice,
        tag: `${writer.options.seed}/${writer.name}/${String(step)}`,
      });
    }
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    session?.close();
  }
}

interface Step extends Writer {
  readonly dice: Dice;
  /** Different for every step of every run. */
  readonly tag: string;
}

async function takeStep(session: ControlSession, step: Step): Promise<void> {
  const { dice, expected, name } = step;
  const there = expected.pathsBelow(`${name}/`);
  const source = dice.oneOf(there);
  const throwValue = dice.upTo(100);
  if (source === undefined || throwValue < 50) return putSome(session, step, 1);
  if (throwValue < 60) return putSome(session, step, 2 + dice.upTo(4));
  if (throwValue < 75) return removeOne(session, step, source);
  const target = pathOf(step, dice.upTo(namesPerWriter));
  if (target === source) return putSome(session, step, 1);
  return throwValue < 92
    ? moveOne(session, step, { source, target })
    : copyOne(session, step, { source, target });
}

async function putSome(session: ControlSession, step: Step, count: number): Promise<void> {
  const files = new Map<string, Buffer>();
  for (let number = 0; number < count; number++) {
    const path = pathOf(step, step.dice.upTo(namesPerWriter));
    files.set(path, contentOf(`${step.tag}/${String(number)}`, sizeOf(step)));
  }
  // One after the other becomes visible: each is a change of its own.
  const changes = [...files].map(([path, bytes]) =>
    step.expected.begin(`put ${step.tag}`, new Map([[path, digestOf(bytes)]])),
  );
  await session.put(files);
  for (const change of changes) step.expected.acknowledge(change);
}

async function removeOne(session: ControlSession, step: Step, path: string): Promise<void> {
  const change = step.expected.begin(`remove ${step.tag}`, new Map([[path, undefined]]));
  await session.client.remove({ path: Buffer.from(path), recursive: false, force: false });
  step.expected.acknowledge(change);
}

interface TwoPaths {
  readonly source: string;
  readonly target: string;
}

async function moveOne(
  session: ControlSession,
  step: Step,
  { source, target }: TwoPaths,
): Promise<void> {
  const effects = new Map<string, Content>([
    [source, undefined],
    [target, step.expected.contentOf(source)],
  ]);
  const change = step.expected.begin(`move ${step.tag}`, effects);
  await session.client.move({
    source: Buffer.from(source),
    destination: Buffer.from(target),
    noReplace: false,
  });
  step.expected.acknowledge(change);
}

async function copyOne(
  session: ControlSession,
  step: Step,
  { source, target }: TwoPaths,
): Promise<void> {
  const effects = new Map([[target, step.expected.contentOf(source)]]);
  const change = step.expected.begin(`copy ${step.tag}`, effects);
  await session.client.copy({
    source: Buffer.from(source),
    destination: Buffer.from(target),
    recursive: false,
  });
  step.expected.acknowledge(change);
}

/** The program's word is its exit status. */
async function writeWithProgram(device: RealDevice, writer: Writer): Promise<Error | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'peervault-writer-'));
  try {
    const dice = diceOf(writer);
    for (let step = 0; !writer.control.stopped; step++) {
      const tag = `${writer.options.seed}/${writer.name}/${String(step)}`;
      const bytes = contentOf(tag, sizeOf({ ...writer, dice }));
      const file = join(folder, 'source');
      await writeFile(file, bytes);
      const path = pathOf(writer, dice.upTo(namesPerWriter));
      const change = writer.expected.begin(`vault put ${tag}`, new Map([[path, digestOf(bytes)]]));
      const outcome = await device.vault('put', '--parents', file, path);
      if (outcome.code !== 0)
        return new Error(`vault put: exit ${String(outcome.code)}: ${outcome.stderr}`);
      writer.expected.acknowledge(change);
    }
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pathOf({ name }: Pick<Writer, 'name'>, number: number): string {
  return `${name}/file-${String(number)}`;
}

/** Mostly small, now and then large, often just around the border of what travels with the operation. */
function sizeOf({ dice, options }: Pick<Step, 'dice' | 'options'>): number {
  const { bytesMax = 2 * 1024 * 1024, small = true } = options;
  const throwValue = dice.upTo(100);
  if (small && throwValue < 25) return dice.upTo(4096);
  if (small && throwValue < 35) return 4095 + dice.upTo(3);
  if (throwValue < 85) return Math.min(bytesMax, 4097 + dice.upTo(120_000));
  return Math.min(bytesMax, 120_000 + dice.upTo(bytesMax));
}

interface Dice {
  /** 0 <= x < count. */
  upTo(count: number): number;
  oneOf<T>(values: readonly T[]): T | undefined;
}

function diceOf({ name, options }: Writer): Dice {
  const random = seededRandom(`${options.seed}/${name}`);
  const upTo = (count: number): number => Math.floor(random.fraction() * count);
  return { upTo, oneOf: (values) => values[upTo(values.length)] };
}
