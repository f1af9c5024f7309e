/**
 * What the agent answers while its keys are locked: that they are, when they are not any more, and `unlock`.
 * Nothing of the vault is open, and no other device is spoken to: without its key this device cannot even say
 * who it is.
 */
import type { LockReport } from '../../protocol/control/key-reports.ts';
import { VaultError } from '../../protocol/errors.ts';
import { unlockRequest } from '../../protocol/messages/control-keys.ts';
import { controlMethods } from '../../protocol/methods.ts';
import { watched } from '../../protocol/messages/control-watch.ts';
import type { CallHandler, CallStream } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';
import { createAbsentHandler, type AbsentFacts } from './absent.ts';
import { sendReport } from './send-report.ts';

export interface LockedOptions {
  readonly facts: AbsentFacts;
  readonly process: ProcessFacts;
  readonly version: string;
  /** Tries a passphrase, which it overwrites; resolves when the vault is open. */
  readonly unlock: (passphrase: Buffer) => Promise<LockReport>;
  /** Resolves when the vault is open. */
  readonly opened: Promise<unknown>;
  readonly requestShutdown: (request: ShutdownRequest) => void;
}

export const unlockHint = 'vault unlock';

export function createLockedHandler(options: LockedOptions): CallHandler {
  const { facts, unlock } = options;
  const opened = new Opened(options.opened);
  const absent = createAbsentHandler({
    ...options,
    health: 'attention',
    reasons: [
      {
        code: 'locked',
        message: 'the keys are locked: nothing is read, written or sent before they are unlocked',
        next: unlockHint,
      },
    ],
    refusal: () =>
      new VaultError('locked', { op: 'control.locked', subject: 'this agent', next: unlockHint }),
  });
  const send = async (call: Parameters<CallHandler>[0], report: LockReport): Promise<void> => {
    await sendReport(call.stream, report);
  };
  return async (call) => {
    switch (call.method) {
      case controlMethods.unlock:
        await send(call, await unlock(unlockRequest.fromWire(call.request).passphrase));
        return;
      case controlMethods.lock:
        await send(call, { deviceId: facts.deviceId, locked: true, passphrase: true });
        return;
      case controlMethods.watch:
        await watchUntil(opened, call.stream);
        return;
      default:
        await absent(call);
    }
  };
}

/** What there is to tell: that the status is another one. Whoever watches asks the agent of the vault anew then. */
async function watchUntil(opened: Opened, stream: CallStream): Promise<void> {
  await stream.sendMessage(watched.toWire([]));
  await opened.orGone(stream.signal);
  if (!stream.signal.aborted) await stream.sendMessage(watched.toWire(['status']));
}

/** Waits that leave nothing behind: an agent may be locked for months while clients come and go. */
class Opened {
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor(opened: Promise<unknown>) {
    const over = (): void => {
      this.#isOver = true;
      for (const wake of this.#waiting) wake();
    };
    opened.then(over, over);
  }

  async orGone(gone: AbortSignal): Promise<void> {
    if (this.#isOver || gone.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    this.#waiting.add(wake);
    gone.addEventListener('abort', wake, { once: true });
    await promise;
    this.#waiting.delete(wake);
    gone.removeEventListener('abort', wake);
  }
}
