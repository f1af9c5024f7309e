/**
 * The membership log at the start of an agent: whole, or with gaps that the others fill while the agent
 * runs, or so damaged that nothing of the vault can be opened before another device has sent it. Nothing is
 * made up, and nothing issued that could contradict what was lost.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Agent, ControlClient, ShutdownRequest, StartOptions } from '../agent.types.ts';
import { createSeekingHandler } from '../control/seeking.ts';
import { evaluateMembership } from '../members/evaluate.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { LogAnchor } from '../members/log-anchor.ts';
import { readMembershipLog, type MembershipLog } from '../members/membership-log.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Ports } from '../ports.ts';
import type { StatementLog } from '../store/store.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { AnchorKeeper } from '../vault/anchor-keeper.ts';
import { formatTime } from '../vault/format-time.ts';
import type { MembersService } from '../vault/members-service.ts';
import { markRestored } from '../vault/restored.ts';
import { LogSeeker } from './log-seeker.ts';
import type { Teller } from './tell-events.ts';

export interface StartWithLogParts {
  readonly ports: Ports;
  readonly options: StartOptions;
  readonly identity: DeviceIdentity;
  readonly anchor: AnchorKeeper;
  readonly tell: Teller;
  /** Closes what is open before the agent is. */
  readonly end: () => Promise<void>;
}

/**
 * Starts the agent with its log, or first an agent that asks for it.
 * @throws VaultError `damaged` when the log is lost, and nothing is left that says whom to ask
 */
export async function startWithLog(
  statements: StatementLog,
  parts: StartWithLogParts,
  start: (log: MembershipLog) => Promise<Agent>,
): Promise<Agent> {
  const { anchor, ports, tell } = parts;
  const log = readMembershipLog(statements.all(), anchor.saved?.vault);
  if (log === undefined) throw lost();
  const gaps = anchor.lostFrom(log) || log.heldCount;
  if (isUsable(log, parts, gaps)) {
    if (gaps > 0) {
      tell.membersLog('gaps', gaps);
      // Others may have heard what is missing of our own statements, and their numbers are used.
      if (anchor.hasOthers) await markRestored(ports.disk);
    }
    return start(log);
  }
  if (anchor.saved?.vault !== log.vault) throw lost();
  tell.membersLog('lost', gaps);
  const seeking = { ...parts, statements, log, anchor: anchor.saved, start };
  return new SeekingAgent(seeking, await LogSeeker.open(seeking));
}

/** Keeps the anchor as the log grows, and says when what was lost has come. */
export function keepAnchor(anchor: AnchorKeeper, members: MembersService, tell: Teller): void {
  let isWhole = anchor.keep(members);
  members.onChange(() => {
    const wasWhole = isWhole;
    isWhole = anchor.keep(members);
    if (isWhole && !wasWhole) tell.membersLog('whole', 0);
  });
}

/** Another device has told everything: what is missing still, nobody may have. */
export function giveUpLost(anchor: AnchorKeeper, members: MembersService, tell: Teller): void {
  const lost = anchor.giveUp(members);
  if (lost > 0) tell.membersLog('given-up', lost);
}

/** Whether an agent can stand on it: it is known who made the vault, and that this device belongs to it. */
function isUsable(log: MembershipLog, { identity }: StartWithLogParts, gaps: number): boolean {
  if (!log.isFounded) return false;
  return gaps === 0 || evaluateMembership(log.statements()).members.has(identity.device);
}

function lost(): VaultError {
  return new VaultError('damaged', {
    op: 'agent.start',
    subject: 'journals/members.log',
    detail:
      'the list of members is damaged, and so is identity/anchor.json, which says whom to ask for it',
    next: 'restore the keys from a backup (vaultd restore), or join the vault again from an empty home',
  });
}

interface Seeking extends Omit<StartWithLogParts, 'anchor'> {
  readonly anchor: LogAnchor;
  readonly statements: StatementLog;
  readonly log: MembershipLog;
  readonly start: (log: MembershipLog) => Promise<Agent>;
}

/** Until another device has sent the log; then it is the agent of the vault, for the same clients. */
class SeekingAgent implements Agent {
  readonly device;
  readonly vault;
  readonly #parts: Seeking;
  readonly #seeker: LogSeeker;
  readonly #peers: PeerSet;
  readonly #startedAtMs: number;
  readonly #shutdown = Promise.withResolvers<ShutdownRequest>();
  #agent: Agent | undefined;
  #starting: Promise<void> | undefined;
  #closed = false;

  constructor(parts: Seeking, { seeker, peers }: { seeker: LogSeeker; peers: PeerSet }) {
    this.device = parts.identity.device;
    this.vault = parts.anchor.vault;
    this.#parts = parts;
    this.#seeker = seeker;
    this.#peers = peers;
    this.#startedAtMs = parts.ports.clock.nowMs();
    void seeker.found.then(() => {
      if (!this.#closed) this.#starting = this.#goOn();
    });
  }

  get listening(): string {
    return this.#agent?.listening ?? this.#peers.listening;
  }

  get shutdownRequested(): Promise<ShutdownRequest> {
    return this.#shutdown.promise;
  }

  handler(client: ControlClient): CallHandler {
    const seeking = this.#seekingHandler();
    let found: CallHandler | undefined;
    return (call) => {
      if (this.#agent === undefined) return seeking(call);
      found ??= this.#agent.handler(client);
      return found(call);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#starting;
    if (this.#agent !== undefined) {
      await this.#agent.close();
      return;
    }
    await this.#seeker.close();
    await this.#parts.end();
  }

  /** The log is durable before the agent stands on it. When that fails, a fresh agent tries it again. */
  async #goOn(): Promise<void> {
    const { statements, log, ports, start, tell } = this.#parts;
    try {
      await this.#seeker.close();
      const here = new Set(statements.all().map((bytes) => Buffer.from(bytes).toString('latin1')));
      await statements.append(log.all().filter((bytes) => !here.has(bytes.toString('latin1'))));
      tell.membersLog('found', log.size);
      this.#agent = await start(log);
      void this.#agent.shutdownRequested.then(this.#shutdown.resolve);
    } catch (error) {
      ports.log.error({ err: error }, 'the agent could not go on with the log that it was sent');
      this.#shutdown.resolve({ supervisor: false });
    }
  }

  #seekingHandler(): CallHandler {
    const { ports, options, identity, anchor } = this.#parts;
    return createSeekingHandler({
      facts: {
        vaultId: this.vault,
        deviceId: this.device,
        name: options.config.value('name'),
        startedAt: formatTime(this.#startedAtMs),
      },
      process: options.process,
      version: options.version,
      clock: ports.clock,
      peers: this.#peers,
      others: anchor.devices.flatMap(({ device }) => (device === identity.device ? [] : device)),
      requestShutdown: (request) => {
        this.#shutdown.resolve(request);
      },
    });
  }
}
