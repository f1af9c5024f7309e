/** One ingest for all files of the mounts: it takes one file at a time, and its workers many at once. */
import type { EpochId } from '../../protocol/ids.ts';
import { Ingest, type IngestedFile } from '../vault/ingest.ts';
import type { VaultParts } from '../vault/vault.ts';

export class SharedIngest {
  readonly epoch: EpochId;
  readonly #ingest: Ingest;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @throws VaultError `read-only`, `no-key` */
  constructor({ work, store, publisher, random, seals, writeKeys, released }: VaultParts) {
    const { vault, epoch } = writeKeys();
    this.epoch = epoch.id;
    this.#ingest = new Ingest({
      work,
      chunks: store.chunks,
      random,
      epoch: epoch.id,
      earlier: seals.under(vault.dedupKey),
      keys: { dedupKey: vault.dedupKey, gearKey: vault.gearKey, chunkKey: epoch.chunkKey },
      use: (id) => {
        released.use(id);
      },
      announce: async ({ added, reused }) => {
        await publisher.publish({
          keys: [],
          build: () => ({ ops: [], chunksAdded: added, chunksReused: reused }),
        });
      },
    });
  }

  /** Runs `work`, which begins and finishes one file, when nobody else is at it. */
  turn<Result>(work: (ingest: Ingest) => Promise<Result>): Promise<Result> {
    this.#waiting += 1;
    const run = this.#last
      .then(() => work(this.#ingest))
      .finally(() => {
        this.#waiting -= 1;
        // Somebody waited with their flush for this turn.
        if (this.#waiting === 0) this.#ingest.flush();
      });
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** A file that is there as a whole. Those of one moment go together. */
  whole(bytes: Uint8Array): Promise<IngestedFile> {
    const { promise, resolve, reject } = Promise.withResolvers<IngestedFile>();
    this.turn(async (own) => {
      own.beginWhole({ resolve, reject });
      await own.write(bytes);
      await own.finish();
    }).catch(reject);
    return promise;
  }

  /** What was finished is on its way, at the latest when the turns that wait are over. */
  flush(): void {
    if (this.#waiting === 0) this.#ingest.flush();
  }
}
