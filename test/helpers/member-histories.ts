/**
 * Random histories of a vault's members: owner, admins and people without power act on replicas that meet
 * now and then, with the very functions that the commands use and with raw statements beside them; and
 * what somebody hostile makes of it. Whoever runs them hears what was wrong by an exception.
 */
import assert from 'node:assert/strict';
import { evaluate, evaluateInSteps, evaluateMembership } from '../../agent/members/evaluate.ts';
import { grantDevice, type Granter } from '../../agent/members/grant.ts';
import type { DeviceIdentity } from '../../agent/members/identity.ts';
import { keyHealth } from '../../agent/members/key-health.ts';
import { MembershipLog } from '../../agent/members/membership-log.ts';
import { roleCapabilities, type Membership, type Role } from '../../agent/members/membership.ts';
import { recoveryKeysFromWords } from '../../agent/members/recovery.ts';
import { openEpoch, renewKeys, renewMemberKey } from '../../agent/members/renew-keys.ts';
import { changeRole, sendAway } from '../../agent/members/send-away.ts';
import { signKeyFromSeed, type SignKey } from '../../agent/members/sign-key.ts';
import { isVaultError } from '../../protocol/errors.ts';
import { parseId } from '../../protocol/ids.ts';
import type { StatementKind } from '../../protocol/messages/statement.ts';
import { Dice } from './dice.ts';
import {
  bareGrant,
  keyringOf,
  newcomerOf,
  revocationOf,
  smallVault,
  type SmallVault,
} from './small-vault.ts';

const roles = Object.keys(roleCapabilities) as Role[];
const replicas = 3;

/** Grants are counted as the certificates that they are, and everything else as statements. */
export interface MemberCounts {
  statements: number;
  refused: number;
  powerlessCertificates: number;
  powerlessStatements: number;
  /** Of the powerless of both kinds: they claim to know only how the vault began. */
  backDated: number;
  mutatedCertificates: number;
  mutatedStatements: number;
}

export function noMemberCounts(): MemberCounts {
  return {
    ...{ statements: 0, refused: 0, backDated: 0 },
    ...{ powerlessCertificates: 0, powerlessStatements: 0 },
    ...{ mutatedCertificates: 0, mutatedStatements: 0 },
  };
}

/** What all devices have to agree on, in a form that can be compared. */
export function agreed(membership: Membership): string {
  return JSON.stringify({
    ...membership,
    members: [...membership.members],
    cutoffs: [...membership.cutoffs],
    ticketsUsed: [...membership.ticketsUsed].sort(),
    choices: [...membership.choices].map(([journal, at]) => [journal, [...at]]),
  });
}

/**
 * What a statement of `author` may not change: all but the heads, which every statement moves, and that its
 * own key shows as used twice.
 */
function effect(membership: Membership, { signKey }: DeviceIdentity): string {
  const own = signKey.publicKey.toString('hex');
  const frozenIssuers = membership.frozenIssuers.filter((issuer) => issuer !== own);
  return agreed({ ...membership, heads: [], frozenIssuers });
}

/** One history of a seed. @throws what the checks find */
export function playMembers(
  seed: number,
  { steps, mutations }: { readonly steps: number; readonly mutations: number },
): MemberCounts {
  const history = new History(seed);
  for (let step = 0; step < steps; step += 1) history.step();
  history.meetAll();
  history.checkAgreement();
  history.checkPowerless();
  history.checkMutations(mutations);
  history.checkKeysBecomeRight();
  return history.counts;
}

class History {
  readonly counts = noMemberCounts();
  readonly #dice: Dice;
  readonly #vault: SmallVault;
  readonly #devices: DeviceIdentity[];
  readonly #logs: MembershipLog[];
  #owner: SignKey;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#vault = smallVault(`members ${String(seed)}`);
    this.#owner = this.#vault.owner;
    const admitted = (['admin', 'admin', 'writer', 'reader', 'blind'] as const).map((role) =>
      this.#vault.admit(role),
    );
    this.#devices = [this.#vault.first, ...admitted];
    this.#logs = Array.from({ length: replicas }, () => this.#vault.log.copy());
  }

  step(): void {
    if (this.#dice.chance(0.25)) {
      this.#meet(this.#dice.pick(this.#logs), this.#dice.pick(this.#logs));
      return;
    }
    const log = this.#dice.pick(this.#logs);
    const before = log.size;
    try {
      this.#act(log);
    } catch (error) {
      // What the rules forbid, or what the actor has no keys for.
      if (!isVaultError(error, 'denied', 'no-key', 'not-member')) throw error;
      this.counts.refused += 1;
    }
    this.counts.statements += log.size - before;
  }

  meetAll(): void {
    for (const one of this.#logs) for (const other of this.#logs) this.#meet(one, other);
  }

  /** All replicas, and any order of arrival, say the same. */
  checkAgreement(): void {
    const [first, ...others] = this.#logs;
    assert(first !== undefined);
    const wanted = agreed(evaluateMembership(first.statements()));
    for (const other of others) {
      assert.equal(agreed(evaluateMembership(other.statements())), wanted, 'two replicas differ');
    }
    for (let round = 0; round < 3; round += 1) {
      const anew: MembershipLog = new MembershipLog(first.vault);
      for (const bytes of this.#shuffled(first.all())) anew.add([bytes]);
      assert.equal(anew.heldCount, 0);
      assert.equal(agreed(evaluateMembership(anew.statements())), wanted, 'the order matters');
    }
    for (const found of this.#inTurns(this.#logs)) {
      assert.equal(found, wanted, 'pauses matter');
    }
  }

  /** What each log means, evaluated a step of this one and a step of that one; and how often it may pause. */
  #inTurns(logs: readonly MembershipLog[]): readonly string[] {
    const running = logs.map((log) => {
      const statements = log.statements();
      return { steps: evaluateInSteps(statements), leastSteps: statements.length, taken: 0 };
    });
    const found: string[] = [];
    while (running.length > 0) {
      const one = this.#dice.pick(running);
      const { done, value } = one.steps.next();
      one.taken += 1;
      if (done !== true) continue;
      assert(one.taken > one.leastSteps, 'it pauses at least once a statement');
      found.push(agreed(value.membership));
      running.splice(running.indexOf(one), 1);
    }
    return found;
  }

  /** Nothing that somebody without power signs changes anything, whatever it claims to know. */
  checkPowerless(): void {
    const log = this.#logs[0]?.copy();
    assert(log !== undefined);
    const { members, owner } = evaluateMembership(log.statements());
    const before = evaluateMembership(log.statements());
    const weak = this.#devices.filter(({ device }) => {
      const member = members.get(device);
      return member?.active !== true || member.role !== 'admin';
    });
    const stranger = this.#vault.device();
    for (const device of [...weak, stranger]) {
      for (const kind of this.#claims(device)) {
        const trial = log.copy();
        // Dated back, now and then: it claims to have seen only how the vault began.
        const isBackDated = !this.#dice.chance(0.5);
        const base = isBackDated ? this.#early(trial) : trial;
        const signed = base.issue(device.signKey, kind);
        if (!trial.has(signed.statement.id)) trial.add([signed.bytes]);
        const after = evaluateMembership(trial.statements());
        assert.equal(effect(after, device), effect(before, device));
        assert(after.owner.equals(owner));
        if (isBackDated) this.counts.backDated += 1;
        if (kind.type === 'grant') this.counts.powerlessCertificates += 1;
        else this.counts.powerlessStatements += 1;
      }
    }
  }

  /** Nothing that was changed on its way is taken in. */
  checkMutations(count: number): void {
    const log = this.#logs[0];
    assert(log !== undefined);
    const all = log.all();
    const known = new Set(all.map((bytes) => bytes.toString('hex')));
    const grants = new Set(all.filter((_, at) => log.statements()[at]?.kind.type === 'grant'));
    const empty = new MembershipLog(log.vault);
    for (let round = 0; round < count; round += 1) {
      const whole = this.#dice.pick(all);
      const bytes = this.#mutated(whole, all);
      if (known.has(bytes.toString('hex'))) continue;
      if (grants.has(whole)) this.counts.mutatedCertificates += 1;
      else this.counts.mutatedStatements += 1;
      for (const target of [log, empty]) {
        let taken = 0;
        try {
          taken = target.add([bytes]).length;
        } catch (error) {
          if (!isVaultError(error, 'malformed', 'too-large', 'wrong-vault', 'protocol-version')) {
            throw error;
          }
        }
        assert.equal(taken, 0, `it was taken in: ${bytes.toString('hex')}`);
        assert.equal(target.heldCount, 0, 'it waits to be taken in');
      }
    }
  }

  /** Whoever may speak makes the keys right with one look, and nobody who should not has them then. */
  checkKeysBecomeRight(): void {
    const log = this.#logs[0]?.copy();
    assert(log !== undefined);
    const granter = this.#granterFor(log);
    if (granter === undefined) return;
    renewKeys(log, granter);
    const state = evaluate(log.statements());
    assert.deepEqual(keyHealth(state), { epoch: 'fine', memberKey: 'fine' });
    const { currentEpoch, members } = state.membership;
    const counted = new Set(state.counted.map(({ id }) => id));
    const strays = new Set(
      log.statements().flatMap(({ id, kind }) => {
        return kind.type === 'grant' && !counted.has(id) ? [kind.certificate.device] : [];
      }),
    );
    for (const { device, ...identity } of this.#devices) {
      const member = members.get(device);
      const reads = member?.active === true && member.role !== 'blind';
      const has = keyringOf(log, { device, ...identity }).epoch(currentEpoch) !== undefined;
      if (reads) assert(has, `${member.role} lacks the current epoch`);
      // A grant that does not count any more has given its device a key all the same.
      else
        assert(!has || strays.has(device), `${member?.role ?? 'stranger'} has the current epoch`);
    }
  }

  #act(log: MembershipLog): void {
    const issuer = this.#actor();
    const granter: Granter = {
      random: this.#vault.random,
      issuer: issuer.key,
      keyring: keyringOf(log, issuer.device),
    };
    const target = this.#dice.pick(this.#devices);
    const { device } = target;
    const lastBatches = this.#cutoffs();
    const trial = log.copy();
    switch (this.#dice.between(0, 8)) {
      case 0:
        this.#devices.push(this.#admit(trial, granter));
        break;
      case 1:
        sendAway(trial, granter, {
          device,
          reason: 'lost',
          lastBatches,
          lastStatement: this.#dice.chance(0.5) ? undefined : trial.heads()[0],
        });
        break;
      case 2:
      case 3:
        changeRole(trial, granter, { device, role: this.#dice.pick(roles), lastBatches });
        break;
      case 4:
        openEpoch(trial, granter);
        break;
      case 5:
        renewMemberKey(trial, granter);
        break;
      case 6:
        this.#recover(trial);
        break;
      default:
        trial.issue(issuer.key, this.#dice.pick(this.#claims(target)));
    }
    log.add(trial.all());
  }

  #admit(log: MembershipLog, granter: Granter): DeviceIdentity {
    const identity = this.#vault.device();
    const role = this.#dice.pick(roles);
    const terms = { name: role, role, quotaBytes: 0, ticket: undefined };
    grantDevice(log, granter, { newcomer: newcomerOf(identity), terms });
    return identity;
  }

  #recover(log: MembershipLog): void {
    // Now and then only: it is the end of everything that the owner before says later.
    if (!this.#dice.chance(0.2)) return;
    const { sign } = recoveryKeysFromWords(this.#vault.created.recoveryWords);
    const next = signKeyFromSeed(this.#vault.random.bytes(32));
    const { owner } = evaluateMembership(log.statements());
    const chain = log.statements().filter(({ issuer }) => issuer === owner.toString('hex'));
    log.issue(sign, {
      type: 'recover',
      owner: next.publicKey,
      replaces: owner,
      lastStatement: chain.at(-1)?.id,
    });
    this.#owner = next;
  }

  #actor(): { readonly key: SignKey; readonly device: DeviceIdentity } {
    if (this.#dice.chance(0.3)) return { key: this.#owner, device: this.#vault.first };
    const device = this.#dice.pick(this.#devices);
    return { key: device.signKey, device };
  }

  /** Everything that a statement can claim. */
  #claims(target: DeviceIdentity): readonly StatementKind[] {
    const bits = this.#dice.pick(Object.values(roleCapabilities));
    return [
      bareGrant(target, bits),
      { ...revocationOf(this.#dice.pick(this.#devices)), lastBatches: this.#cutoffs() },
      {
        type: 'choose-branch',
        device: target.device,
        incarnation: parseId('incarnation', '01'.repeat(8)),
        sequence: this.#dice.between(1, 3),
        hash: parseId('batch', this.#dice.hex(32)),
      },
      {
        type: 'recover',
        owner: target.signKey.publicKey,
        replaces: this.#owner.publicKey,
        lastStatement: undefined,
      },
      { type: 'member-key', generation: 99, sealed: [], wrappedPrevious: [] },
      {
        type: 'epoch',
        parents: [],
        sealed: [],
        wrappedParents: [],
        nonce: this.#vault.random.bytes(32),
      },
    ];
  }

  #cutoffs() {
    if (this.#dice.chance(0.5)) return [];
    const incarnation = parseId('incarnation', '01'.repeat(8));
    const sequence = this.#dice.between(1, 9);
    return [{ incarnation, sequence, hash: parseId('batch', this.#dice.hex(32)) }];
  }

  #granterFor(log: MembershipLog): Granter | undefined {
    const { owner, members, frozenIssuers } = evaluateMembership(log.statements());
    const { random } = this.#vault;
    if (this.#owner.publicKey.equals(owner) && !frozenIssuers.includes(owner.toString('hex'))) {
      const keyring = keyringOf(log, this.#vault.first);
      if (keyring.epoch(evaluateMembership(log.statements()).currentEpoch) !== undefined) {
        return { random, issuer: this.#owner, keyring };
      }
    }
    const admin = this.#devices.find(({ device, signKey }) => {
      const member = members.get(device);
      const isFrozen = frozenIssuers.includes(signKey.publicKey.toString('hex'));
      return member?.active === true && member.role === 'admin' && !isFrozen;
    });
    if (admin === undefined) return undefined;
    const keyring = keyringOf(log, admin);
    return keyring.vaultSecret === undefined
      ? undefined
      : { random, issuer: admin.signKey, keyring };
  }

  /** A log that knows only how the vault began. */
  #early(log: MembershipLog): MembershipLog {
    const early = new MembershipLog(log.vault);
    early.add(this.#vault.log.all());
    return early;
  }

  #meet(one: MembershipLog, other: MembershipLog): void {
    const theirs = other.all();
    other.add(one.all());
    one.add(theirs);
  }

  #shuffled(items: readonly Buffer[]): readonly Buffer[] {
    return items
      .map((item) => ({ item, key: this.#dice.fraction() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }

  #mutated(bytes: Buffer, all: readonly Buffer[]): Buffer {
    const copy = Buffer.from(bytes);
    switch (this.#dice.between(0, 4)) {
      case 0:
        return copy.subarray(0, this.#dice.between(0, copy.length - 1));
      case 1: {
        const other = this.#dice.pick(all);
        const at = this.#dice.between(0, Math.min(copy.length, other.length));
        return Buffer.concat([copy.subarray(0, at), other.subarray(at)]);
      }
      case 2:
        return Buffer.concat([copy, Buffer.from(this.#dice.hex(this.#dice.between(1, 40)), 'hex')]);
      default:
        for (let flips = this.#dice.between(1, 3); flips > 0; flips -= 1) {
          const at = this.#dice.between(0, copy.length - 1);
          copy.writeUInt8(copy.readUInt8(at) ^ (1 << this.#dice.between(0, 7)), at);
        }
        return copy;
    }
  }
}
