/**
 * Keeps one agent running: starts it, starts it again when it crashed, gives up into rescue mode when
 * starting is of no use, ends it when asked. It is small on purpose and opens nothing of the vault, so
 * that nothing which kills the agent kills it. It will also keep the descriptors of mounts, when there
 * are mounts.
 */
import assert from 'node:assert/strict';
import { time } from '../../protocol/limits.ts';
import type { Clock, Log } from '../ports.ts';
import type { AgentMessage, Failure, Locked, Ready } from './agent-messages.ts';
import type { AgentExit, AgentProcess } from './agent-process.ts';
import { afterRun, failuresMax, freshState } from './restart-policy.ts';
import type { RestartState } from './restart-policy.ts';

export interface SupervisorPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Starts an agent, with `reasons` one in rescue mode. */
  spawn(start: {
    readonly rescueReasons: readonly string[] | undefined;
    /** Somebody has locked the keys, and nobody has unlocked them since. */
    readonly locked: boolean;
    onMessage(message: AgentMessage): void;
  }): AgentProcess;
  /** The first agent is ready. Called once. */
  onReady(ready: Ready): void;
  /** An agent runs and waits for its keys to be unlocked. */
  onLocked(locked: Locked): void;
  /** Rescue mode began, for these reasons; `last` is how the last start failed. */
  onRescue(reasons: readonly string[], last: Failure | undefined): void;
}

/** How supervising ended. */
export type SupervisorEnd =
  | { readonly type: 'stopped' }
  /** The agent did not end in time and was killed. */
  | { readonly type: 'killed' }
  | { readonly type: 'failed'; readonly failure: Failure };

export interface Supervisor {
  readonly ended: Promise<SupervisorEnd>;
  /** Ends the agent cleanly, then itself. */
  stop(): void;
  /** Ends the agent at once. */
  kill(): void;
}

/** Starts the first agent at once. */
export function startSupervisor(ports: SupervisorPorts): Supervisor {
  return new AgentSupervisor(ports);
}

/** What is known about the run of one agent. */
interface Run {
  readonly startedMs: number;
  becameReady: boolean;
  failure: Failure | undefined;
}

class AgentSupervisor implements Supervisor {
  readonly ended: Promise<SupervisorEnd>;
  readonly #ports: SupervisorPorts;
  #agent: AgentProcess | undefined;
  #announced = false;
  #locked = false;
  #stopping = false;
  #killed = false;
  #wakeUp: () => void = () => undefined;
  /** Of the last failed runs, the oldest first. */
  readonly #reasons: string[] = [];
  #lastFailure: Failure | undefined;

  constructor(ports: SupervisorPorts) {
    this.#ports = ports;
    this.ended = this.#supervise();
  }

  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#wakeUp();
    this.#askToStop();
  }

  kill(): void {
    this.#stopping = true;
    this.#killed = true;
    this.#wakeUp();
    this.#agent?.kill();
  }

  async #supervise(): Promise<SupervisorEnd> {
    let state: RestartState = freshState;
    while (!this.#stopping) {
      const run = await this.#runAgent(undefined);
      if (this.#stopping) break;
      const next = afterRun(state, {
        becameReady: run.becameReady,
        lastedMs: this.#ports.clock.monotonicMs() - run.startedMs,
        clean: run.failure === undefined,
        code: run.failure?.code,
      });
      state = next.state;
      if (next.step.type === 'giveUp') return failed(run.failure);
      if (next.step.type === 'start') {
        await this.#pause(next.step.delayMs);
      } else {
        const rescue = await this.#rescue();
        if (rescue.failure !== undefined) return failed(rescue.failure);
        state = freshState;
      }
    }
    return this.#killed ? { type: 'killed' } : { type: 'stopped' };
  }

  /** Lasts until somebody has mended the cause and asks for the end or for a fresh agent. */
  #rescue(): Promise<Run> {
    // Three starts often fail for one reason.
    const reasons = [...new Set(this.#reasons.splice(0).toReversed())];
    this.#ports.log.error({ reasons }, 'rescue mode: the agent does not start');
    return this.#runAgent(reasons);
  }

  async #runAgent(rescueReasons: readonly string[] | undefined): Promise<Run> {
    const { clock, log } = this.#ports;
    const run: Run = {
      startedMs: clock.monotonicMs(),
      becameReady: false,
      failure: undefined,
    };
    const agent = this.#ports.spawn({
      rescueReasons,
      locked: this.#locked,
      onMessage: (message) => {
        this.#heard(run, message, rescueReasons ?? []);
      },
    });
    this.#agent = agent;
    if (this.#stopping) this.#askToStop();
    const exit = await agent.exited;
    this.#agent = undefined;
    if (this.#stopping) return run;
    if (exit.code !== 0 || !run.becameReady) run.failure ??= crashOf(exit);
    if (run.failure !== undefined) {
      this.#lastFailure = run.failure;
      this.#reasons.push(run.failure.message);
      if (this.#reasons.length > failuresMax) this.#reasons.shift();
      log.error({ agent: agent.pid, code: exit.code, signal: exit.signal }, run.failure.message);
    }
    return run;
  }

  #heard(run: Run, message: AgentMessage, rescueReasons: readonly string[]): void {
    switch (message.type) {
      case 'ready':
        run.becameReady = true;
        this.#locked = false;
        this.#ports.log.info({ agent: this.#agent?.pid, listen: message.listen }, 'agent ready');
        if (!this.#announced) this.#ports.onReady(message);
        this.#announced = true;
        return;
      case 'locked':
        run.becameReady = true;
        this.#ports.log.warn({ agent: this.#agent?.pid }, 'the keys are locked: vault unlock');
        this.#ports.onLocked(message);
        return;
      case 'rescueReady':
        run.becameReady = true;
        this.#ports.onRescue(rescueReasons, this.#lastFailure);
        return;
      case 'failed':
        run.failure = message;
        return;
      case 'shutdown':
        if (message.lock === true) this.#locked = true;
        if (message.supervisor) this.stop();
        return;
    }
  }

  #askToStop(): void {
    const agent = this.#agent;
    if (agent === undefined) return;
    agent.stop();
    const deadline = this.#ports.clock.after(time.shutdownMs, () => {
      this.#ports.log.error({ agent: agent.pid }, 'the agent did not end in time: killed');
      this.#killed = true;
      agent.kill();
    });
    void agent.exited.then(() => {
      deadline.cancel();
    });
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#ports.clock.after(delayMs, resolve);
      this.#wakeUp = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

function crashOf(exit: AgentExit): Failure {
  const how = exit.signal === null ? `status ${String(exit.code)}` : `signal ${exit.signal}`;
  const word = exit.lastLines.findLast((line) => telling.test(line)) ?? exit.lastLines.at(-1);
  return {
    code: 'internal',
    message: `the agent ended with ${how}${word === undefined ? '' : `, last words: ${word.trim()}`}`,
  };
}

/** Lines that the runtime writes before its stack traces. */
const telling = /^(\w*Error\b|FATAL ERROR|Uncaught|#? ?Fatal error)/;

function failed(failure: Failure | undefined): SupervisorEnd {
  assert(failure !== undefined, 'only a failed start gives up');
  return { type: 'failed', failure };
}
