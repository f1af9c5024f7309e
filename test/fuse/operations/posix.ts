/** The cases that hold for every folder, on the operations alone. */
import test from 'ava';
import { FileSystem } from '../../../fuse/operations/file-system.ts';
import { Files } from '../../../fuse/operations/files.ts';
import { recover } from '../../../fuse/operations/recover.ts';
import { MemoryVault } from '../../helpers/memory-vault-port.ts';
import { libraryFolder } from '../../helpers/posix/library-folder.ts';
import { posixSuite } from '../../suites/posix/suite.ts';

const owner = { uid: 0, gid: 0 };
const events = { nameChanged: () => undefined, inodeChanged: () => undefined };

posixSuite(test, 'operations', async () => {
  const vault = new MemoryVault();
  const fs = new FileSystem(vault.port(), { owner, keepsOwners: true, events });
  vault.onChange = (change) => {
    fs.changed(change);
  };
  vault.followsTime = true;
  await recover(fs);
  return libraryFolder(fs, new Files(fs));
});
