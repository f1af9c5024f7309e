import test from 'ava';
import { anchorFile } from '../../../agent/members/log-anchor.ts';
import { readMembershipLog } from '../../../agent/members/membership-log.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { AnchorKeeper } from '../../../agent/vault/anchor-keeper.ts';
import { MembersService } from '../../../agent/vault/members-service.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { memoryDisk, type MemoryDisk } from '../../helpers/memory-disk.ts';
import { smallVault, type SmallVault } from '../../helpers/small-vault.ts';

function openOn(disk: MemoryDisk, { random, first }: SmallVault): Promise<AnchorKeeper> {
  return AnchorKeeper.open({ disk, random, identity: first, log: createCollectedLog().log });
}

function membersOf(vault: SmallVault, signed: readonly Uint8Array[]): MembersService {
  const { statements } = createMemoryStore();
  return new MembersService(
    readMembershipLog(signed)!,
    statements,
    vault.first,
    createManualClock(),
  );
}

test('what the log lost is known over restarts, until it has come back', async (t) => {
  const vault = smallVault('keeper');
  const disk = memoryDisk();
  const before = vault.log.all();
  const nas = vault.admit('writer');
  const keeper = await openOn(disk, vault);
  t.is(keeper.saved, undefined);
  t.true(keeper.keep(membersOf(vault, vault.log.all())));
  await keeper.idle();

  // The grant is lost: a shorter log does not replace what the anchor says.
  for (let start = 0; start < 2; start += 1) {
    const later = await openOn(disk, vault);
    const members = membersOf(vault, before);
    t.is(later.lostFrom(members.log()), 1);
    t.true(later.hasOthers);
    t.false(later.keep(members));
    t.true(later.insteadOf(members.log())?.devices.some(({ device }) => device === nas.device));
    await later.idle();
    if (start === 0) continue;
    await members.learn(vault.log.all());
    t.is(later.lostFrom(members.log()), 0);
    t.is(later.insteadOf(members.log()), undefined);
    t.true(later.keep(members));
  }
});

test('what another device does not have either is given up once', async (t) => {
  const vault = smallVault('keeper');
  const disk = memoryDisk();
  const before = vault.log.all();
  vault.admit('writer');
  const keeper = await openOn(disk, vault);
  keeper.keep(membersOf(vault, vault.log.all()));
  const members = membersOf(vault, before);
  t.is(keeper.giveUp(members), 1);
  t.is(keeper.giveUp(members), 0);
  await keeper.idle();
  const later = await openOn(disk, vault);
  t.is(later.lostFrom(members.log()), 0);
  t.false(later.hasOthers);
});

test('the file is written when it says something new, and again after a failure', async (t) => {
  const vault = smallVault('keeper');
  const disk = memoryDisk();
  const members = membersOf(vault, vault.log.all());
  const keeper = await openOn(disk, vault);
  disk.failing = 'sync';
  keeper.keep(members);
  await keeper.idle();
  t.is(disk.peek(anchorFile), undefined);
  disk.failing = undefined;
  keeper.keep(members);
  await keeper.idle();
  const written = disk.peek(anchorFile);
  t.not(written, undefined);
  keeper.keep(members);
  await keeper.idle();
  t.deepEqual(disk.peek(anchorFile), written);
});
