/** What is kept of the past, as the calls and the life of the agent need it. */
import type { ReleaseBook } from '../../replication/release-book.ts';
import type { Activities } from '../activities.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { AutomaticForgetting, AutomaticState } from './automatic.ts';
import type { FoldIssuer } from '../fold/fold-issuer.ts';
import type { FoldKeeper } from '../fold/fold-keeper.ts';
import type { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { Collector } from './collector.ts';
import type { Folding } from './folding.ts';
import type { Forgetting } from './forgetting.ts';

export interface RetentionParts {
  readonly releases: ReleaseBook;
  readonly activities: Activities;
  readonly forgetting: Forgetting;
  readonly acknowledger: Acknowledger;
  readonly collector: Collector;
  readonly automatic: AutomaticForgetting;
  readonly folding: Folding;
  readonly checkpoints: CheckpointKeeper;
  readonly folds: FoldKeeper;
  readonly foldIssuer: FoldIssuer;
}

export class Retention {
  readonly releases: ReleaseBook;
  readonly activities: Activities;
  readonly forgetting: Forgetting;
  readonly collector: Collector;
  readonly folding: Folding;
  readonly checkpoints: CheckpointKeeper;
  readonly folds: FoldKeeper;
  readonly #foldIssuer: FoldIssuer;
  readonly #acknowledger: Acknowledger;
  readonly #automatic: AutomaticForgetting;

  constructor(parts: RetentionParts) {
    this.releases = parts.releases;
    this.activities = parts.activities;
    this.forgetting = parts.forgetting;
    this.collector = parts.collector;
    this.folding = parts.folding;
    this.checkpoints = parts.checkpoints;
    this.folds = parts.folds;
    this.#foldIssuer = parts.foldIssuer;
    this.#acknowledger = parts.acknowledger;
    this.#automatic = parts.automatic;
  }

  /** To be called once, when the journals were read. */
  start(): void {
    this.#acknowledger.look();
    this.checkpoints.look();
    this.#lookAtFolds();
    this.#automatic.start();
    this.collector.start();
  }

  /** Statements came, batches that may acknowledge one, or a journal forked. */
  look(): void {
    this.checkpoints.look();
    this.#lookAtFolds();
    if (this.releases.size === 0 && !this.releases.hasNews) return;
    this.#acknowledger.look();
    this.collector.look();
  }

  /** Chunks came: pages of a state may be among them. */
  chunksCame(): void {
    this.folds.look();
  }

  #lookAtFolds(): void {
    this.#foldIssuer.look();
    this.folds.look();
  }

  /** How letting go by itself stands; undefined: other devices do it. */
  get automatic(): AutomaticState | undefined {
    return this.#automatic.state;
  }

  /** Resolves when every release that can be acknowledged now is. */
  async acknowledged(): Promise<void> {
    this.#acknowledger.look();
    await this.#acknowledger.idle();
  }

  async close(): Promise<void> {
    await this.#automatic.close();
    await this.#foldIssuer.close();
    await this.folds.close();
    await this.checkpoints.close();
    await this.#acknowledger.close();
    await this.collector.close();
  }
}
