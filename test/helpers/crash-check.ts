/** Starting a device after a crash, and holding what it shows against what it must show. */
import { connectToAgent } from '../../cli/agent/connect.ts';
import { openControlSession } from './control-session.ts';
import { formatProblem, type ExpectedState } from './expected-state.ts';
import { eventually, settle, type RealDevice } from './real-device.ts';

const startMs = 60_000;

/**
 * Starts the device. @returns milliseconds until it was ready
 * @throws Error with its log when it is not ready in a minute
 */
export async function startTimed(device: RealDevice): Promise<number> {
  const beganMs = performance.now();
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    timeout.reject(
      new Error(`${device.name} is not ready after ${String(startMs)} ms:\n${device.log}`),
    );
  }, startMs);
  try {
    await Promise.race([device.start(), timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
  return performance.now() - beganMs;
}

/** Waits for an agent that its supervisor starts again. @returns milliseconds until it answered */
export async function untilAnswering(device: RealDevice): Promise<number> {
  const beganMs = performance.now();
  await eventually(`${device.name} answers again:\n${device.log}`, async () => {
    try {
      const { client, close } = await connectToAgent(device.socket, new AbortController().signal);
      try {
        await client.list({ path: Buffer.alloc(0), recursive: false }).next();
        return true;
      } finally {
        close();
      }
    } catch {
      return false;
    }
  });
  return performance.now() - beganMs;
}

/** What is wrong on this device, a line each. Decides what was in flight. */
export async function checkDevice(
  device: RealDevice,
  expected: ExpectedState,
): Promise<readonly string[]> {
  const session = await openControlSession(device.socket);
  try {
    const problems = expected.check(await session.readTree());
    return problems.map((problem) => `${device.name}: ${formatProblem(problem)}`);
  } finally {
    session.close();
  }
}

/** Waits until the devices agree. @returns why they did not, or nothing */
export async function checkConverged(devices: readonly RealDevice[]): Promise<readonly string[]> {
  try {
    await settle(devices);
    return [];
  } catch (error) {
    const states = await Promise.all(devices.map((device) => device.status()));
    const lines = states.map(
      ({ name, treeHash, behindOps, behindBytes, peersOnline }) =>
        `${name}: tree ${String(treeHash).slice(0, 12)}, ${String(behindOps)} ops and ${String(behindBytes)} bytes behind, ${String(peersOnline)} peers`,
    );
    return [`they did not converge: ${(error as Error).message}; ${lines.join('; ')}`];
  }
}

const progressMs = 15_000;
const changesMax = 30;
const lingerMsMax = 400;

/** Lets the writers get somewhere, however slow the machine is, then waits for no moment in particular. */
export async function untilRandomMoment(
  expected: ExpectedState,
  fraction: () => number,
): Promise<void> {
  const target = expected.acknowledged + 1 + Math.floor(fraction() * changesMax);
  const deadlineMs = performance.now() + progressMs;
  while (expected.acknowledged < target && performance.now() < deadlineMs) await pause(5);
  await pause(fraction() * lingerMsMax);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
