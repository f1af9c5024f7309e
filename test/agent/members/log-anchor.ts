import test from 'ava';
import {
  anchorFile,
  anchorOf,
  isSameAnchor,
  loadAnchor,
  saveAnchor,
} from '../../../agent/members/log-anchor.ts';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import { replaceFile } from '../../../agent/members/durable-file.ts';
import type { VaultError } from '../../../protocol/errors.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { keyringOf, revocationOf, smallVault } from '../../helpers/small-vault.ts';

function quietly(): void {
  // The damage that nobody expects shows in what is loaded.
}

test('an anchor comes back as it was, on its own device only', async (t) => {
  const vault = smallVault('anchor');
  const nas = vault.admit('writer');
  const gone = vault.admit('reader');
  vault.log.issue(vault.owner, revocationOf(gone));
  const membership = evaluateMembership(vault.log.statements());
  const anchor = anchorOf(membership, keyringOf(vault.log, vault.first).memberKeys);
  t.deepEqual(
    anchor.devices.map(({ device }) => device),
    [vault.first.device, nas.device],
    'who was sent away is not remembered',
  );
  const disk = memoryDisk();
  t.is(await loadAnchor(disk, vault.first, quietly), undefined);
  await saveAnchor(disk, anchor, { identity: vault.first, random: vault.random });
  const loaded = await loadAnchor(disk, vault.first, quietly);
  t.deepEqual(loaded, anchor);
  t.true(isSameAnchor(loaded!, anchor));
  t.false(isSameAnchor(anchor, { ...anchor, heads: [] }));

  const heard: VaultError[] = [];
  t.is(await loadAnchor(disk, nas, (error) => heard.push(error)), undefined);
  t.deepEqual(
    heard.map(({ code, subject }) => [code, subject]),
    [['damaged', anchorFile]],
  );
});

test('a damaged anchor counts as none, whatever is wrong with it', async (t) => {
  const { first } = smallVault('anchor');
  const sealed = JSON.stringify({
    format: 1,
    wrapping: 'device',
    nonce: '00'.repeat(12),
    sealed: '00'.repeat(64),
  });
  for (const content of ['', '{', '[]', '{"format":1}', '{"format":2}', sealed]) {
    const disk = memoryDisk();
    await replaceFile(disk, anchorFile, Buffer.from(content));
    const heard: VaultError[] = [];
    t.is(await loadAnchor(disk, first, (error) => heard.push(error)), undefined, content);
    t.is(heard.length, 1, content);
  }
});
