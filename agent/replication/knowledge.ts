/**
 * Who has a chunk, as far as this device knows: from announcements, from answers to questions, and
 * from the names of the journals that mention it. Pure.
 */
import { splitJournalId, type ChunkId, type DeviceId } from '../../protocol/ids.ts';
import type { HoldingsTable } from './holdings.ts';
import type { Planner } from './planner.ts';
import type { WantList } from './want-list.ts';

export class ChunkKnowledge {
  readonly #self: DeviceId;
  readonly #wants: WantList;
  readonly #holdings: HoldingsTable;

  constructor(self: DeviceId, wants: WantList, holdings: HoldingsTable) {
    this.#self = self;
    this.#wants = wants;
    this.#holdings = holdings;
  }

  /** The device has announced that it holds every chunk of a batch that names this one. */
  surelyHolds(device: DeviceId, id: ChunkId): boolean {
    const want = this.#wants.get(id);
    return want !== undefined && this.#holdings.holdsOneOf(device, want.namedBy);
  }

  /** undefined: not known. */
  has(planner: Planner, device: DeviceId, id: ChunkId): boolean | undefined {
    return planner.answerOf(device, id) ?? (this.surelyHolds(device, id) ? true : undefined);
  }

  /** Devices that would have it, connected or not: those that said so, then whoever wrote it. */
  wouldHave(id: ChunkId): DeviceId[] {
    const want = this.#wants.get(id);
    if (want === undefined) return [];
    const announced = [...this.#holdings.all().keys()].filter((device) =>
      this.#holdings.holdsOneOf(device, want.namedBy),
    );
    const authors = want.namedBy.map(({ journal }) => splitJournalId(journal).device);
    return [...new Set([...announced, ...authors])].filter((device) => device !== this.#self);
  }
}
