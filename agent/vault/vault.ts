/**
 * The vault as its clients use it: one tree to look at and to change. It puts the parts together
 * (tree, journal of this device, store, other devices) and implements none of them.
 */
import type { Chronicle } from '../history/history.types.ts';
import type { EpochKeys, VaultKeys } from '../members/membership.ts';
import type { Clock, Random } from '../ports.ts';
import type { BrowseParts } from './browse.ts';
import type { EarlierSeals } from './earlier-seals.ts';
import { Ingest } from './ingest.ts';
import type { Publisher } from './publisher.ts';
import { PutSession, type PutSessionOptions } from './put-session.ts';
import type { SourcePrints } from './source-prints.ts';

export interface VaultParts extends BrowseParts {
  readonly publisher: Publisher;
  readonly prints: SourcePrints;
  readonly seals: EarlierSeals;
  readonly history: Chronicle;
  readonly random: Random;
  readonly clock: Clock;
  /** What this device writes with now. @throws VaultError `read-only`, `no-key` */
  readonly writeKeys: () => { readonly vault: VaultKeys; readonly epoch: EpochKeys };
}

export class Vault {
  readonly parts: VaultParts;

  constructor(parts: VaultParts) {
    this.parts = parts;
  }

  get tree(): VaultParts['tree'] {
    return this.parts.tree;
  }

  /**
   * Begins to store items.
   * @throws VaultError `read-only`, `no-key`
   */
  beginPut(options: PutSessionOptions): PutSession {
    const { tree, publisher, prints, random, clock, store, work } = this.parts;
    const keys = this.parts.writeKeys();
    const ingest = new Ingest({
      work,
      chunks: store.chunks,
      random,
      epoch: keys.epoch.id,
      earlier: this.parts.seals.under(keys.vault.dedupKey),
      keys: {
        dedupKey: keys.vault.dedupKey,
        gearKey: keys.vault.gearKey,
        chunkKey: keys.epoch.chunkKey,
      },
      use: (id) => {
        this.parts.released.use(id);
      },
      announce: async ({ added, reused }) => {
        await publisher.publish({
          keys: [],
          build: () => ({ ops: [], chunksAdded: added, chunksReused: reused }),
        });
      },
    });
    return new PutSession({ tree, publisher, ingest, prints, random, clock }, options);
  }
}
