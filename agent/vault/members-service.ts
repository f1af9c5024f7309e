/**
 * The membership as the running agent holds it: the log in memory and on disk, what it says now, and
 * the keys that this device can open. Statements are durable before anything acts on them. The
 * evaluation is made anew when the log grows, never patched, and with pauses: until it is done, what
 * held before holds.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId, EpochId } from '../../protocol/ids.ts';
import type { SignedStatement } from '../../protocol/messages/statement.ts';
import { evaluate, evaluateInSteps, type Evaluation } from '../members/evaluate.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { openKeyringOf, type DeviceKeyring } from '../members/keyring.ts';
import { openLabel } from '../members/label.ts';
import type { MembershipLog } from '../members/membership-log.ts';
import {
  capabilities,
  type EpochKeys,
  type Member,
  type Membership,
  type VaultKeys,
} from '../members/membership.ts';
import type { Clock } from '../ports.ts';
import type { MembershipPort } from '../replication/replication.ts';
import type { StatementLog } from '../store/store.ts';
import { memberNews, type MemberNews } from './member-news.ts';
import { inSlices, Slices } from './slices.ts';
import { fromPeer, verifyFromPeer } from './verify-statements.ts';

export type MembersListener = (news: readonly MemberNews[]) => void;

export class MembersService implements MembershipPort {
  readonly #store: StatementLog;
  readonly #identity: DeviceIdentity;
  readonly #clock: Clock;
  #log: MembershipLog;
  #evaluation: Evaluation;
  #keyring: DeviceKeyring;
  #writing: Promise<void> = Promise.resolve();
  readonly #listeners: MembersListener[] = [];
  #mayIssue: () => void = () => undefined;
  /** Opened labels: every row of a listing asks for one. */
  readonly #names = new Map<DeviceId, string>();

  /**
   * @param log what `store` holds
   * @throws VaultError `damaged` when it has no genesis
   */
  constructor(log: MembershipLog, store: StatementLog, identity: DeviceIdentity, clock: Clock) {
    this.#store = store;
    this.#identity = identity;
    this.#clock = clock;
    this.#log = log;
    this.#evaluation = evaluate(this.#log.statements());
    this.#keyring = this.#openKeyring();
  }

  /** `check` throws when this device must not issue now. */
  beforeIssue(check: () => void): void {
    this.#mayIssue = check;
  }

  /** Calls `listener` after every growth of the log, with what it changed. */
  onChange(listener: MembersListener): void {
    this.#listeners.push(listener);
  }

  current(): Membership {
    return this.#evaluation.membership;
  }

  /** With how it came about. */
  evaluation(): Evaluation {
    return this.#evaluation;
  }

  keyring(): DeviceKeyring {
    return this.#keyring;
  }

  log(): MembershipLog {
    return this.#log;
  }

  statements(): readonly Uint8Array[] {
    return this.#log.all();
  }

  /**
   * All of them or, when one is wrong, none. A message holds some hundred signatures, so they are verified
   * in slices, before the log is touched.
   * @throws VaultError `peer-misbehaved`
   */
  async learn(signed: readonly Uint8Array[]): Promise<number> {
    const verified = await verifyFromPeer(signed, this.#clock);
    return this.#exclusively(async () => {
      const grown = this.#log.copy();
      const added = fromPeer(() => grown.addVerified(verified));
      await this.#adopt(grown, added);
      return added.length;
    });
  }

  /**
   * Lets `make` issue statements on a copy of the log, makes them durable, and only then counts them.
   */
  async issue(
    make: (log: MembershipLog) => readonly SignedStatement[],
  ): Promise<readonly SignedStatement[]> {
    return this.#exclusively(async () => {
      this.#mayIssue();
      const grown = this.#log.copy();
      const issued = make(grown);
      await this.#adopt(grown, issued);
      return issued;
    });
  }

  /** The name of a device for people; its id where the name cannot be read. */
  nameOf(device: DeviceId): string {
    const known = this.#names.get(device);
    if (known !== undefined) return known;
    const member = this.current().members.get(device);
    const label =
      member === undefined
        ? undefined
        : openLabel(this.#keyring.memberKeys, device, member.sealedLabel);
    const name = label ?? device.slice(0, 8);
    if (member !== undefined) this.#names.set(device, name);
    return name;
  }

  memberByNoiseKey(noiseKey: Buffer): Member | undefined {
    for (const member of this.current().members.values()) {
      if (member.active && member.noiseKey.equals(noiseKey)) return member;
    }
    return undefined;
  }

  /** Whether the owner's key is on this device: it is the first one that the owner admitted. */
  isOwnerDevice(device: DeviceId): boolean {
    const owner = this.current().owner.toString('hex');
    for (const { issuer, kind } of this.#evaluation.authority.byOwner) {
      if (issuer === owner && kind.type === 'grant') return kind.certificate.device === device;
    }
    return false;
  }

  /** The device that admitted another one; undefined for those that the owner key admitted. */
  issuerOf(device: DeviceId): DeviceId | undefined {
    const grant = this.current().members.get(device)?.grant;
    const issuer = grant === undefined ? undefined : this.#log.get(grant)?.issuer;
    if (issuer === undefined) return undefined;
    for (const member of this.current().members.values()) {
      if (member.signKey.toString('hex') === issuer) return member.device;
    }
    return undefined;
  }

  /**
   * What this device writes with now.
   * @throws VaultError `not-member`, `read-only`, `no-key`
   */
  writeKeys(): { readonly vault: VaultKeys; readonly epoch: EpochKeys } {
    const { device } = this.#identity;
    const self = this.current().members.get(device);
    if (self?.active !== true) throw refused('not-member', 'this device was sent away');
    if ((self.capabilities & capabilities.write) === 0)
      throw refused('read-only', `its role is ${self.role}`);
    const epoch = this.#keyring.epoch(this.current().currentEpoch);
    const { vault } = this.#keyring;
    if (epoch === undefined || vault === undefined) throw refused('no-key', 'the current epoch');
    return { vault, epoch };
  }

  /** @throws VaultError `no-key` */
  chunkKey(epoch: EpochId): Buffer {
    const keys = this.#keyring.epoch(epoch);
    if (keys === undefined) throw refused('no-key', `epoch ${epoch.slice(0, 16)}`);
    return keys.chunkKey;
  }

  #openKeyring(): DeviceKeyring {
    const { device, secrets } = this.#identity;
    return openKeyringOf(this.#evaluation, {
      device,
      noiseSecretKey: secrets.noiseSecretKey.reveal(),
    });
  }

  async #adopt(grown: MembershipLog, added: readonly SignedStatement[]): Promise<void> {
    if (added.length === 0) {
      this.#log = grown;
      return;
    }
    await this.#store.append(added.map(({ bytes }) => bytes));
    const before = this.#evaluation;
    try {
      const steps = evaluateInSteps(grown.statements());
      this.#evaluation = await inSlices(steps, new Slices(this.#clock));
    } finally {
      // What is durable has used its numbers up, whatever became of the evaluation.
      this.#log = grown;
    }
    this.#keyring = this.#openKeyring();
    this.#names.clear();
    const news = memberNews(before, this.#evaluation, (device) => this.nameOf(device));
    for (const listener of this.#listeners) listener(news);
  }

  /** One growth at a time: a number used twice would freeze this issuer. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

function refused(code: 'not-member' | 'read-only' | 'no-key', detail: string): VaultError {
  const next = {
    'not-member': 'ask an admin for a ticket, and join with it from an empty home',
    'read-only': 'change it on a device that may write, or ask an admin for another role',
    'no-key': 'wait until a device that has the key is connected: vault peers',
  }[code];
  return new VaultError(code, { op: 'members.writeKeys', subject: 'this device', detail, next });
}
