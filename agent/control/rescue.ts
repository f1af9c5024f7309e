/**
 * What the agent answers when the supervisor gave up on a normal start: why, and nothing else. Health
 * is `broken`, every other call is `read-only`. The store stays closed, so nothing can get worse.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';
import { createAbsentHandler, type AbsentFacts } from './absent.ts';

export interface RescueOptions {
  readonly process: ProcessFacts;
  readonly version: string;
  /** Why the agent does not start. */
  readonly reasons: readonly string[];
}

export function createRescueHandler(
  facts: AbsentFacts,
  { process, version, reasons }: RescueOptions,
  requestShutdown: (request: ShutdownRequest) => void,
): CallHandler {
  return createAbsentHandler({
    facts,
    process,
    version,
    health: 'broken',
    reasons: reasons.map((message) => ({
      code: 'rescue',
      message,
      next: 'mend the cause, then vaultd stop and vaultd start',
    })),
    refusal: () =>
      new VaultError('read-only', {
        op: 'control.rescue',
        subject: 'this agent',
        detail: `it runs in rescue mode: ${reasons[0] ?? 'it could not start'}`,
        next: 'vault doctor says more',
      }),
    requestShutdown,
  });
}
